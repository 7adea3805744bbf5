// The SDK's version 1, which knows the legacy era: v1.mjs TOOL ARGUMENTS (URL | SERVER [ARGUMENT...])
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [tool, args, target, ...argv] = process.argv.slice(2);
const http = target.startsWith('http');
const client = new Client({ name: 'check', version: '1' });
const transport = http ? new StreamableHTTPClientTransport(new URL(target)) : new StdioClientTransport({ command: target, args: argv });
await client.connect(transport);
const { tools } = await client.listTools();
const result = await client.callTool({ name: tool, arguments: JSON.parse(args) });
await client.ping();
if (http) await transport.terminateSession();
await client.close();
console.log('2025-11-25', tools.length > 0, JSON.stringify(result.structuredContent));
