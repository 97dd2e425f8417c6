// URLs apart and together, as Go's net/url does it.
import { asDict, asText, fn, type FunctionTable } from '../functions.js';
import { decodeUtf8, encodeUtf8 } from '../utf8.js';
import { entryOf, GoCallError, kindName, newDict, type GoDict, type GoValue } from '../values.js';

export const URLS: FunctionTable = {
  urlParse: fn('string', ([text]) => parseUrl(asText(text))),
  urlJoin: fn('map', ([parts]) => joinUrl(asDict(parts))),
};

const UNRESERVED = /[A-Za-z0-9_.~-]/;
/** Characters that each part of a URL keeps besides the unreserved ones. */
const KEPT = { path: '$&+,/:;=@', userinfo: '$&+,;=', fragment: '$&+,/:;=?@!()*', host: '!$&\'()*+,;=:[]<>"' };

function parseUrl(text: string): GoDict {
  const wrong = (why: string): GoCallError =>
    new GoCallError(`unable to parse url: parse ${JSON.stringify(text)}: ${why}`);

  if (/[\u0000-\u001f\u007f]/.test(text)) throw wrong('net/url: invalid control character in URL');
  const hash = text.indexOf('#');
  const whole = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? '' : text.slice(hash + 1);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(whole)?.[1] ?? '';
  if (scheme === '' && /^[^/?#]*:/.test(whole) && /^[0-9+.-]*[A-Za-z0-9+.-]*:/.test(whole)) {
    throw wrong(whole.startsWith(':') ? 'missing protocol scheme' : 'first path segment in URL cannot contain colon');
  }
  let rest = scheme === '' ? whole : whole.slice(scheme.length + 1);
  const mark = rest.indexOf('?');
  const query = mark < 0 ? '' : rest.slice(mark + 1);
  rest = mark < 0 ? rest : rest.slice(0, mark);
  const url = { scheme: scheme.toLowerCase(), opaque: '', userinfo: '', host: '', path: '' };
  if (!rest.startsWith('/') && scheme !== '') url.opaque = rest;
  else readHierarchy(rest, url, wrong);
  return Object.assign(newDict(), {
    ...url,
    hostname: hostname(url.host),
    query,
    fragment: unescape(fragment, wrong),
  });
}

interface Hierarchy {
  scheme: string;
  userinfo: string;
  host: string;
  path: string;
}

function readHierarchy(rest: string, url: Hierarchy, wrong: (why: string) => GoCallError): void {
  if (rest.startsWith('//') && (url.scheme !== '' || !rest.startsWith('///'))) {
    const end = rest.indexOf('/', 2);
    const authority = rest.slice(2, end < 0 ? undefined : end);
    const at = authority.lastIndexOf('@');
    if (at >= 0) url.userinfo = userinfoText(authority.slice(0, at), wrong);
    url.host = hostText(authority.slice(at + 1), wrong);
    url.path = unescape(end < 0 ? '' : rest.slice(end), wrong);
    return;
  }
  if (url.scheme === '' && /^[^/]*:/.test(rest)) throw wrong('first path segment in URL cannot contain colon');
  url.path = unescape(rest, wrong);
}

function userinfoText(text: string, wrong: (why: string) => GoCallError): string {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) throw wrong('net/url: invalid userinfo');
  const colon = text.indexOf(':');
  const name = escapePart(unescape(colon < 0 ? text : text.slice(0, colon), wrong), KEPT.userinfo);
  return colon < 0 ? name : `${name}:${escapePart(unescape(text.slice(colon + 1), wrong), KEPT.userinfo)}`;
}

function hostText(host: string, wrong: (why: string) => GoCallError): string {
  const port = host.startsWith('[')
    ? host.slice(host.indexOf(']') + 1)
    : host.slice(host.includes(':') ? host.indexOf(':') : host.length);
  if (host.startsWith('[') && !host.includes(']')) throw wrong("missing ']' in host");
  if (!/^(?::[0-9]*)?$/.test(port)) throw wrong(`invalid port ${JSON.stringify(port)} after host`);
  const bad = /[ \\^`{|}]/.exec(host)?.[0];
  if (bad !== undefined) throw wrong(`invalid character ${JSON.stringify(bad)} in host name`);
  return unescape(host, wrong);
}

function hostname(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  const colon = host.lastIndexOf(':');
  return colon < 0 ? host : host.slice(0, colon);
}

function joinUrl(parts: GoDict): string {
  const [scheme, host, path, query, opaque, fragment, userinfo] = [
    'scheme',
    'host',
    'path',
    'query',
    'opaque',
    'fragment',
    'userinfo',
  ].map((key) => textOf(key, entryOf(parts, key)));
  let url = scheme === undefined || scheme === '' ? '' : `${scheme}:`;
  if (opaque !== undefined && opaque !== '') url += opaque;
  else url += authorityAndPath({ scheme: scheme ?? '', host: host ?? '', path: path ?? '', userinfo: userinfo ?? '' });
  if (query !== undefined && query !== '') url += `?${query}`;
  return fragment === undefined || fragment === '' ? url : `${url}#${escapePart(fragment, KEPT.fragment)}`;
}

function authorityAndPath({ scheme, host, path, userinfo }: Hierarchy): string {
  const escaped = escapePart(path, KEPT.path);
  if (scheme !== '' || host !== '' || userinfo !== '') {
    const user =
      userinfo === ''
        ? ''
        : `${userinfoText(userinfo, (why) => new GoCallError(`unable to parse userinfo in dict: ${why}`))}@`;
    const authority = host !== '' || path !== '' || userinfo !== '' ? `//${user}${escapePart(host, KEPT.host)}` : '';
    return `${authority}${path !== '' && !path.startsWith('/') && host !== '' ? '/' : ''}${escaped}`;
  }
  // A colon in the first segment would look like a scheme.
  return /^[^/]*:/.test(escaped) ? `./${escaped}` : escaped;
}

function textOf(key: string, value: GoValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value === null) throw new GoCallError('runtime error: invalid memory address or nil pointer dereference');
  throw new GoCallError(`unable to parse ${key} key, must be of type string, but ${kindName(value)} found`);
}

function unescape(text: string, wrong: (why: string) => GoCallError): string {
  if (!text.includes('%')) return text;
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(text)?.[0];
  if (bad !== undefined) throw wrong(`invalid URL escape ${JSON.stringify(bad)}`);
  const bytes: number[] = [];
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at) ?? 0;
    if (point === 0x25) {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 3;
    } else {
      const char = String.fromCodePoint(point);
      bytes.push(...encodeUtf8(char));
      at += char.length;
    }
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

function escapePart(text: string, kept: string): string {
  let out = '';
  for (const byte of encodeUtf8(text)) {
    const char = String.fromCharCode(byte);
    if (byte < 0x80 && (UNRESERVED.test(char) || kept.includes(char))) out += char;
    else out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
