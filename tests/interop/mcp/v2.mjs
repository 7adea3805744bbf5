// The SDK's version 2: v2.mjs (legacy | auto | VERSION) TOOL ARGUMENTS (URL | SERVER [ARGUMENT...])
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [mode, tool, args, target, ...argv] = process.argv.slice(2);
const client = new Client({ name: 'check', version: '1' }, { versionNegotiation: { mode: /^\d/.test(mode) ? { pin: mode } : mode } });
await client.connect(target.startsWith('http') ? new StreamableHTTPClientTransport(new URL(target))
  : new StdioClientTransport({ command: target, args: argv }));
const { tools } = await client.listTools();
const result = await client.callTool({ name: tool, arguments: JSON.parse(args) });
console.log(client.getNegotiatedProtocolVersion(), tools.length > 0, JSON.stringify(result.structuredContent));
await client.close();
