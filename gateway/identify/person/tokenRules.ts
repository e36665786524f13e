// Reads from the settings whose tokens are taken and what they must say. Half a rule would be a door that nobody meant
// to leave open: address, issuer and audience come together or not at all.
import { ConfigError, type Config } from '../../../platform/config.ts';
import { TOKEN_ALGORITHMS, type TokenRules } from '../jwt.ts';
import { readRoleScopes } from './claims.ts';

const HERE = new Set(['localhost', '127.0.0.1', '[::1]']);

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

function attempt<T>(name: string, faults: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function readKeySetUrl(text: string): URL {
  if (!URL.canParse(text)) throw new Error('is no address');
  const url = new URL(text);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && HERE.has(url.hostname));
  if (!isSafe) throw new Error('must be https: whoever can change the keys on their way can be anybody');
  return url;
}

function readAlgorithms(text: string): string[] {
  const algorithms = words(text);
  const wrong = algorithms.filter((algorithm) => !TOKEN_ALGORITHMS.has(algorithm));
  if (wrong.length > 0) throw new Error(`${wrong.join(', ')} cannot sign a token here`);
  if (algorithms.length === 0) throw new Error('names no algorithm');
  return algorithms;
}

/** Takes the settings; gives the rules, or undefined where no tokens are taken. Throws ConfigError with all faults. */
export function readTokenRules(config: Config): TokenRules | undefined {
  const { CRM_JWT_JWKS_URL: address, CRM_JWT_ISSUER: issuer, CRM_JWT_AUDIENCE: audience } = config;
  if (address === undefined && issuer === undefined && audience === undefined) return undefined;
  const faults: string[] = [];
  if (address === undefined) faults.push('CRM_JWT_JWKS_URL is missing');
  if (issuer === undefined) faults.push('CRM_JWT_ISSUER is missing: any issuer would be taken');
  if (audience === undefined) faults.push('CRM_JWT_AUDIENCE is missing: tokens for others would be taken');
  const keySetUrl = attempt('CRM_JWT_JWKS_URL', faults, () => readKeySetUrl(address ?? 'https://localhost'));
  const algorithms = attempt('CRM_JWT_ALGORITHMS', faults, () => readAlgorithms(config.CRM_JWT_ALGORITHMS));
  const roles = attempt('CRM_JWT_ROLE_SCOPES', faults, () => readRoleScopes(config.CRM_JWT_ROLE_SCOPES));
  if (faults.length > 0 || !keySetUrl || !algorithms || !roles || issuer === undefined || audience === undefined) {
    throw new ConfigError(faults);
  }
  return {
    keySetUrl,
    issuer,
    audience,
    algorithms,
    clockToleranceS: config.CRM_JWT_CLOCK_TOLERANCE_S,
    scopeClaims: words(config.CRM_JWT_SCOPE_CLAIMS),
    roleClaims: words(config.CRM_JWT_ROLE_CLAIMS),
    scopesByRole: roles,
  };
}
