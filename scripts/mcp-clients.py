"""Uses the program as agents' clients do, with the official SDK that this Python has, and holds what it
sends against the schemas of the protocol's revisions.

Usage: mcp-clients.py <path of the holdfast binary> <http address of a server> [raw]
With `raw` messages are sent without an SDK, in every revision, and each answer is validated.
"""
import asyncio
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from importlib.metadata import version

import jsonschema

BINARY, BASE = sys.argv[1], sys.argv[2]
URL = BASE + "/mcp"
SCHEMAS = pathlib.Path(
    os.environ.get("MCP_SCHEMAS", pathlib.Path(__file__).parents[2] / "shared/data/mcp-schema"))
MODERN = "2026-07-28"
CORE = [
    "orient", "task_claim", "task_get", "task_list", "task_create", "task_create_tree", "task_update",
    "task_note", "task_complete", "task_fail", "task_release", "task_block", "files_lock",
    "files_unlock",
]  # fmt: skip


def environment(home):
    return {"HOME": home, "PATH": "/usr/bin:/bin", "HOLDFAST_PROJECT": "sdk"}


async def work(call, project):
    """Calls every core tool once at least, as an agent would; `call` answers the structured result."""
    used = set()

    async def run(tool, refused=False, **arguments):
        used.add(tool)
        is_error, structured, text = await call(tool, {"project": project, "agent": "ann", **arguments}
                                                if tool in WITH_AGENT else {"project": project, **arguments})
        assert is_error == refused, f"{tool}: {text}"
        assert json.loads(text) == structured, tool
        assert len(text.encode()) <= 10_000, tool
        return structured

    await run("orient")
    tree = await run("task_create_tree", tree={"title": "plan", "children": [{"title": "one"}, {"title": "two"}]})
    assert len(tree["all_ids"]) == 3
    other = await run("task_create", title="other", content="ü" * 20_000, tags=["late"])
    assert (await run("task_get", task=other["id"]))["cut"]
    await run("task_block", task=other["id"], blocker=tree["all_ids"][0])
    claim = await run("task_claim")
    one = claim["task"]["id"]
    await run("task_update", task=one, priority="high", fence=claim["fence"])
    await run("task_note", task=one, text="a note")
    await run("files_lock", files=["a.swift"], task=one)
    await run("files_unlock")
    await run("task_release", task=one, reason="not now")
    again = await run("task_claim", task=one)
    await run("task_complete", task=one, reason="the result", fence=again["fence"])
    second = await run("task_claim")
    assert second["results"][0]["reason"] == "the result", second
    await run("task_fail", task=second["task"]["id"], reason="no way")
    assert (await run("task_list", q="other"))["tasks"]
    assert (await run("task_get", refused=True, task="no-such"))["code"] == "TASK_NOT_FOUND"
    assert used == set(CORE), set(CORE) - used


WITH_AGENT = {
    "orient", "task_claim", "task_update", "task_note", "task_complete", "task_fail", "task_release",
    "files_lock", "files_unlock",
}  # fmt: skip


async def work_as_task_store(call, project):
    """Calls some tools of the task store; an answer may be a text alone."""
    async def run(tool, **arguments):
        is_error, structured, text = await call(tool, {"project": project, **arguments})
        assert not is_error, f"{tool}: {text}"
        return text if structured is None else structured

    made = await run("task_create", name="plan.md", content="# Plan\\nGo")
    assert made == {"filename": "plan", "status": "ready", "created": True}, made
    assert await run("task_show", filename="plan") == "# Plan\nGo"
    moved = await run("task_transition", filename="plan", event="plan-start")
    assert moved == {"filename": "plan", "status": "planning"}, moved
    assert (await run("task_list", status="planning"))["total"] == 1
    assert (await run("live_status"))["lifecycle"]["planning"] == 1
    is_error, _, text = await call("task_show", {"project": project, "filename": "no"})
    assert is_error and text == "task_show: task not found: no", text


async def work_as_task_graph(call, project):
    """Calls some tools of the task graph."""
    async def run(tool, **arguments):
        is_error, structured, text = await call(tool, arguments)
        assert not is_error, f"{tool}: {text}"
        assert json.loads(text) == structured, tool
        return structured

    agent = (await run("connect", tags=["sdk"]))["agent_id"]
    tree = await run("create_tree", project=project, tree={"title": "plan", "children": [{"title": "one"}]})
    task = tree["all_ids"][1]
    claim = await run("claim", project=project, agent=agent, task=task)
    assert claim["task"]["status"] == "in_progress", claim
    assert (await run("thinking", project=project, agent=agent, thought="hm"))["updated_count"] == 1
    done = await run("complete", project=project, agent=agent, task=task, fence=claim["fence"])
    assert done["unblocked"] == [tree["root_task_id"]], done
    assert len((await run("list_tasks", project=project, status=["completed"]))["tasks"]) == 1
    assert (await run("disconnect", agent=agent))["success"]
    is_error, refusal, _ = await call("get", {"project": project, "task": "no"})
    assert is_error and refusal["code"] == "TASK_NOT_FOUND", refusal


OLDER = {"task-store": (26, work_as_task_store), "task-graph": (24, work_as_task_graph)}


def check_tools(tools):
    assert [tool.name for tool in tools] == CORE, [tool.name for tool in tools]


async def listen(client, project):
    """Hears of a change that the same client makes, and of a call that waits until its time is over."""
    uri = f"tasks://{project}/all"
    async with asyncio.timeout(20):
        async with client.listen(resource_subscriptions=[uri, "nothing://x"], tools_list_changed=True) as heard:
            assert heard.honored.resource_subscriptions == [uri], heard.honored
            assert not heard.honored.tools_list_changed
            await client.call_tool("task_create", {"project": project, "title": "heard of"})
            async for event in heard:
                assert event.uri == uri, event
                break
        told = []

        async def progress(done, total, message):
            told.append(done)

        arguments = {"project": project, "agent": "eve", "tags": ["nobody"], "wait_ms": 2500}
        result = await client.call_tool("task_claim", arguments, progress_callback=progress)
        assert not result.is_error, result
        assert told and told == sorted(set(told)), told


async def subscribe(client, changes, project, wanted):
    """The same as it was before: one resource after the other, and changes beside all answers."""
    uri = f"tasks://{project}/all"
    async with asyncio.timeout(20):
        await client.subscribe_resource(wanted(uri))
        await client.call_tool("task_create", {"project": project, "title": "heard of"})
        await changes.get()
        await client.unsubscribe_resource(wanted(uri))


async def with_sdk_2(home):
    from mcp import Client, MCPError
    from mcp.client.stdio import StdioServerParameters

    places = {"stdio": StdioServerParameters(command=BINARY, args=["mcp"], env=environment(home)), "http": URL}
    for place, server in places.items():
        for mode in ("auto", MODERN, "legacy"):
            changes = asyncio.Queue()

            async def hear(message):
                if type(message).__name__ == "ResourceUpdatedNotification":
                    changes.put_nowait(message)

            async with Client(server, mode=mode, message_handler=hear) as client:
                wanted = "2025-11-25" if mode == "legacy" else MODERN
                assert client.protocol_version == wanted, client.protocol_version
                if mode != MODERN:
                    assert client.server_info.name == "holdfast" and client.instructions
                check_tools((await client.list_tools()).tools)

                async def call(tool, arguments):
                    result = await client.call_tool(tool, arguments)
                    return bool(result.is_error), result.structured_content, result.content[0].text

                await work(call, f"{place}-{mode}")
                try:
                    await client.call_tool("no_such_tool", {})
                    raise AssertionError("an unknown tool was called")
                except MCPError as error:
                    assert error.error.code == -32602, error
                if mode == "legacy":
                    await client.send_ping()
                    subscribes = client.server_capabilities.resources.subscribe
                    assert bool(subscribes) == (place == "stdio"), subscribes
                    if subscribes:
                        await subscribe(client, changes, f"{place}-{mode}", str)
                else:
                    await listen(client, f"{place}-{mode}")
            print(f"mcp {version('mcp')}, {place}, {mode}: every core tool answers")
    for tools, (count, work_with) in OLDER.items():
        places = {
            "stdio": StdioServerParameters(command=BINARY, args=["mcp", "--tools", tools], env=environment(home)),
            "http": f"{URL}?tools={tools}",
        }
        for place, server in places.items():
            async with Client(server) as client:
                assert len((await client.list_tools()).tools) == count

                async def call(tool, arguments):
                    result = await client.call_tool(tool, arguments)
                    return bool(result.is_error), result.structured_content, result.content[0].text

                await work_with(call, f"{tools}-{place}-2")
            print(f"mcp {version('mcp')}, {place}: tools of {tools} answer")


async def with_sdk_1(home):
    from mcp import ClientSession, McpError, StdioServerParameters
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamable_http_client
    from pydantic import AnyUrl

    places = {
        "stdio": lambda: stdio_client(StdioServerParameters(command=BINARY, args=["mcp"], env=environment(home))),
        "http": lambda: streamable_http_client(URL),
    }
    for place, connect in places.items():
        changes = asyncio.Queue()

        async def hear(message):
            if "ResourceUpdatedNotification" in repr(type(getattr(message, "root", None))):
                changes.put_nowait(message)

        async with connect() as streams, ClientSession(streams[0], streams[1], message_handler=hear) as client:
            shaken = await client.initialize()
            assert shaken.protocolVersion == "2025-11-25" and shaken.instructions
            check_tools((await client.list_tools()).tools)

            async def call(tool, arguments):
                result = await client.call_tool(tool, arguments)
                return bool(result.isError), result.structuredContent, result.content[0].text

            await work(call, f"{place}-1")
            try:
                await client.call_tool("no_such_tool", {})
                raise AssertionError("an unknown tool was called")
            except McpError as error:
                assert error.error.code == -32602, error
            await client.send_ping()
            assert bool(shaken.capabilities.resources.subscribe) == (place == "stdio")
            if place == "stdio":
                await subscribe(client, changes, f"{place}-1", AnyUrl)
        print(f"mcp {version('mcp')}, {place}: every core tool answers")
    for tools, (count, work_with) in OLDER.items():
        places = {
            "stdio": lambda: stdio_client(StdioServerParameters(
                command=BINARY, args=["mcp", "--tools", tools], env=environment(home))),
            "http": lambda: streamable_http_client(f"{URL}?tools={tools}"),
        }
        for place, connect in places.items():
            async with connect() as streams, ClientSession(streams[0], streams[1]) as client:
                await client.initialize()
                assert len((await client.list_tools()).tools) == count

                async def call(tool, arguments):
                    result = await client.call_tool(tool, arguments)
                    return bool(result.isError), result.structuredContent, result.content[0].text

                await work_with(call, f"{tools}-{place}-1")
            print(f"mcp {version('mcp')}, {place}: tools of {tools} answer")


class Raw:
    """Messages without an SDK, over one of the two transports; every answer is held against the schema."""

    def __init__(self, revision, process=None):
        self.revision, self.process, self.count = revision, process, 0
        self.document = json.loads((SCHEMAS / f"{revision}.json").read_text())
        self.names = self.document.get("$defs") or self.document["definitions"]
        self.place = "$defs" if "$defs" in self.document else "definitions"
        try:  # A check that refuses nothing would be none.
            self.check({"tools": 7}, "ListToolsResult")
        except jsonschema.ValidationError:
            return
        raise AssertionError("the schema takes anything")

    def check(self, value, name):
        schema = {**self.document, "$ref": f"#/{self.place}/{name}"}
        if self.place == "definitions":  # Beside a $ref draft 7 reads nothing else.
            schema = {"$schema": self.document["$schema"], self.place: self.names, "allOf": [{"$ref": schema["$ref"]}]}
        jsonschema.validators.validator_for(schema)(schema).validate(value)

    def send(self, method, params, id=None, code=None):
        self.count += 1
        id = self.count if id is None else id
        if self.revision == MODERN:
            params = {**params, "_meta": {
                "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}}
        message = {"jsonrpc": "2.0", "id": id, "method": method, "params": params}
        answer = self.over_stdio(message) if self.process else self.over_http(message)
        assert answer["id"] == id
        is_error = "error" in answer
        new, old = ("JSONRPCErrorResponse", "JSONRPCError") if is_error else ("JSONRPCResultResponse", "JSONRPCResponse")
        self.check(answer, new if new in self.names else old)
        if is_error:
            assert answer["error"]["code"] == code, answer
            return answer["error"]
        assert code is None, answer
        return answer["result"]

    def over_stdio(self, message):
        self.write(message)
        return self.read()

    def over_http(self, message):
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                   "Holdfast-Project": "raw"}
        if message["method"] != "initialize" or self.revision == MODERN:
            headers["MCP-Protocol-Version"] = self.revision
        if self.revision == MODERN:
            headers["Mcp-Method"] = message["method"]
            if message["method"] == "tools/call":
                headers["Mcp-Name"] = message["params"]["name"]
        request = urllib.request.Request(URL, json.dumps(message).encode(), headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def push(self):
        """What is sent beside answers over standard output, and nothing behind a cancellation."""
        uri, meta = "tasks://raw-push/all", {
            "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
        if self.revision == MODERN:
            self.write({"jsonrpc": "2.0", "id": "listen", "method": "subscriptions/listen", "params": {
                "_meta": meta, "notifications": {"resourceSubscriptions": [uri]}}})
            self.check(self.read(), "SubscriptionsAcknowledgedNotification")
        else:
            self.check(self.send("resources/subscribe", {"uri": uri}), "EmptyResult")
        create = {"name": "task_create", "arguments": {"project": "raw-push", "title": "a"}}
        self.write({"jsonrpc": "2.0", "id": "make", "method": "tools/call", "params": {
            **create, **({"_meta": meta} if self.revision == MODERN else {})}})
        messages = [self.read(), self.read()]
        self.check(next(each for each in messages if "id" not in each), "ResourceUpdatedNotification")
        self.write({"jsonrpc": "2.0", "id": "wait", "method": "tools/call", "params": {
            "name": "task_claim",
            "arguments": {"project": "raw-push", "agent": "eve", "tags": ["nobody"], "wait_ms": 30000},
            "_meta": {"progressToken": 1, **(meta if self.revision == MODERN else {})}}})
        message = self.read()
        while message["method"] != "notifications/progress":
            message = self.read()
        self.check(message, "ProgressNotification")
        self.write({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "wait"}})
        if self.revision == MODERN:
            self.write({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "listen"}})
        else:
            self.check(self.send("resources/unsubscribe", {"uri": uri}), "EmptyResult")
        self.send("tools/call", {"name": "task_create", "arguments": {"project": "raw-push", "title": "b"}})

    def write(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def read(self):
        return json.loads(self.process.stdout.readline())

    async def run(self, place):
        if self.revision == MODERN:
            self.check(self.send("server/discover", {}), "DiscoverResult")
            self.send("initialize", {}, code=-32601)
        else:
            result = self.send("initialize", {
                "protocolVersion": self.revision, "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}})
            self.check(result, "InitializeResult")
            assert result["protocolVersion"] == self.revision
            self.check(self.send("ping", {}), "EmptyResult")
        tools = self.send("tools/list", {})
        self.check(tools, "ListToolsResult")
        for tool in tools["tools"]:
            jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
        schemas = {tool["name"]: tool["inputSchema"] for tool in tools["tools"]}

        async def call(tool, arguments):
            # What an agent may send is what the tool says of itself.
            jsonschema.Draft202012Validator(schemas[tool]).validate(arguments)
            result = self.send("tools/call", {"name": tool, "arguments": arguments})
            self.check(result, "CallToolResult")
            return result.get("isError", False), result["structuredContent"], result["content"][0]["text"]

        await work(call, f"raw-{place}-{self.revision}")
        self.send("tools/call", {"name": "no_such"}, id="text", code=-32602)
        self.send("no/such", {}, code=-32601)
        if place == "stdio":
            self.push()
        print(f"raw, {place}, {self.revision}: {self.count} answers are valid")


async def without_sdk(home):
    for revision in sorted(path.stem for path in SCHEMAS.glob("20*.json")):
        with subprocess.Popen(
            [BINARY, "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(home)
        ) as process:
            await Raw(revision, process).run("stdio")
            process.stdin.close()
            assert process.wait(10) == 0
        await Raw(revision).run("http")
    for name in ("all", *OLDER):
        with subprocess.Popen(
            [BINARY, "mcp", "--tools", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(home)
        ) as process:
            raw = Raw(MODERN, process)
            tools = raw.send("tools/list", {})
            raw.check(tools, "ListToolsResult")
            for tool in tools["tools"]:
                jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
            raw.check(raw.send("resources/list", {}), "ListResourcesResult")
            raw.check(raw.send("resources/templates/list", {}), "ListResourceTemplatesResult")
            process.stdin.close()
        print(f"raw: the schemas of the {len(tools['tools'])} tools of {name} are valid")


with tempfile.TemporaryDirectory() as home:
    if sys.argv[3:] == ["raw"]:
        asyncio.run(without_sdk(home))
    else:
        asyncio.run((with_sdk_2 if version("mcp").startswith("2.") else with_sdk_1)(home))
