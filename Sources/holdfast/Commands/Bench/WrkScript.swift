/// The Lua scripts of the load client.
///
/// What a request is made of is rendered when a thread starts, so that a request costs the client
/// one concatenation. No two requests that write are alike: each carries a number of its own, and
/// the texts come from a pool of random ones.
enum WrkScript: String, CaseIterable {
  case create
  case get
  case ping
  case put
  case signal
  case claim
  case cycle
  case grab
  case finish
  case tools

  /// The whole script.
  var text: String { Self.common + body + Self.done }

  /// The bytes of a task's content.
  static let contentBytes = 2048
  /// The number of the first task that a load creates; all numbers have 8 digits.
  ///
  /// wrk asks a script for one request that it never sends, so the first one is not there.
  static let firstNumber = 10_000_002

  /// `args` are the words behind `--`; `number` is the client, which has one thread.
  private static let common = """
    local threads = {}
    function setup(thread)
      thread:set("number", tonumber(os.getenv("CLIENT")) + #threads)
      table.insert(threads, thread)
    end
    issued, granted, empty, refused = 0, 0, 0, 0
    claimed = {}
    local letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789     "
    local function texts(count, bytes)
      math.randomseed(os.time() * 31 + number * 7919)
      local pool = {}
      for i = 1, count do
        local text = {}
        for j = 1, bytes do
          local k = math.random(#letters)
          text[j] = letters:sub(k, k)
        end
        pool[i] = table.concat(text)
      end
      return pool
    end
    local function head(method, path, bytes)
      local text = method .. " " .. path .. " HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n"
      if bytes then
        text = text .. "Content-Type: application/json\\r\\nContent-Length: " .. bytes .. "\\r\\n"
      end
      return text .. "\\r\\n"
    end

    """

  /// Adds the threads up and prints one line of JSON.
  private static let done = """

    function done(summary, latency, requests)
      local issued, granted, empty, refused, distinct, twice = 0, 0, 0, 0, 0, 0
      local seen = {}
      for _, thread in ipairs(threads) do
        issued = issued + thread:get("issued")
        granted = granted + thread:get("granted")
        empty = empty + thread:get("empty")
        refused = refused + thread:get("refused")
        for _, id in ipairs(thread:get("claimed")) do
          if seen[id] then twice = twice + 1 else distinct = distinct + 1 end
          seen[id] = true
        end
      end
      local errors = summary.errors
      io.write(string.format(
        '\\n{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"max":%d,"refused":%d,' ..
        '"broken":%d,"issued":%d,"granted":%d,"empty":%d,"distinct":%d,"twice":%d}\\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        latency.max, errors.status + refused,
        errors.connect + errors.read + errors.write + errors.timeout, issued, granted, empty,
        distinct, twice))
    end
    """

  private var body: String {
    switch self {
    case .create:
      // project, prefix
      """
      function init(args)
        pool = texts(64, 2048 - 9)
        prefix = args[2] .. number .. "-"
        open = '{"filename":"' .. prefix
        middle = '","content":"'
        local bytes = #open + 8 + #middle + 2048 + 2
        open = head("POST", "/v1/projects/" .. args[1] .. "/tasks", bytes) .. open
      end
      function request()
        issued = issued + 1
        local n = 10000000 + issued
        return open .. n .. middle .. n .. " " .. pool[n % 64 + 1] .. '"}'
      end
      """
    case .get:
      // project, prefix, the most that a thread has created
      """
      function init(args)
        math.randomseed(os.time() + number)
        open = "GET /v1/projects/" .. args[1] .. "/tasks/" .. args[2] .. "0-"
        close = " HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n"
        count = tonumber(args[3])
      end
      function request()
        issued = issued + 1
        return open .. (10000001 + math.random(count)) .. close
      end
      """
    case .ping:
      """
      function init(args) ready = head("GET", args[1]) end
      function request() return ready end
      """
    case .put:
      """
      function init(args)
        math.randomseed(os.time() + number)
        pool = texts(64, 200)
        name = args[2] .. "0-"
        count = tonumber(args[3])
        states = { "ready", "planning", "implementing", "reviewing" }
        path = "PUT /v1/projects/" .. args[1] .. "/tasks/" .. name
      end
      function request()
        issued = issued + 1
        local n = 10000001 + math.random(count)
        local text = '{"filename":"' .. name .. n .. '","status":"' .. states[issued % 4 + 1] ..
          '","description":"' .. issued .. " " .. pool[issued % 64 + 1] ..
          '","branch":"plan/' .. n .. '","goal":"reach ' .. issued .. '"}'
        return path .. n .. " HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Length: " .. #text ..
          "\\r\\n\\r\\n" .. text
      end
      """
    case .signal: Self.signals + "\nfunction request() issued = issued + 1 return create() end"
    case .claim:
      """
      function init(args)
        local body = '{"claimed_by":"w' .. number .. '"}'
        claim = head("POST", "/v1/projects/" .. args[1] .. "/signals/claim", #body) .. body
      end
      function request() issued = issued + 1 return claim end
      function response(status, headers, body)
        if status == 200 then
          granted = granted + 1
          claimed[granted] = tonumber(body:match('"ID":(%d+)'))
        else
          empty = empty + 1
        end
      end
      """
    case .cycle: Self.signals + Self.turns
    case .grab:
      Self.tasks + """
        function request() issued = issued + 1 return claim() end
        function response(status, headers, body) take(status, body) end
        """
    case .finish:
      Self.tasks + """
        local waiting = {}
        function request()
          issued = issued + 1
          local id = table.remove(waiting)
          if id then return head("POST", project .. "/tasks/" .. id .. "/complete", 2) .. "{}" end
          return claim()
        end
        function response(status, headers, body)
          local id = body:find('"lease_expires_at"', 1, true) and take(status, body)
          if id then table.insert(waiting, id) end
        end
        """
    case .tools:
      Self.toolCalls + """
        local waiting = {}
        function request()
          issued = issued + 1
          local done = table.remove(waiting)
          if done then
            return call("task_complete", '"task":"' .. done.id .. '","fence":' .. done.fence ..
              ',"agent":"' .. done.agent .. '"')
          end
          return call("task_claim", '"agent":"w' .. math.random(agents) - 1 .. '"')
        end
        function response(status, headers, body)
          local held = body:match('"structuredContent":(.*)')
          local fence = held and held:match('"fence":(%d+)')
          if fence then
            granted = granted + 1
            local id = held:match('"id":"([^"]+)"')
            claimed[granted] = id
            table.insert(waiting, { id = id, fence = fence, agent = held:match('"agent":"([^"]+)"') })
          elseif not held or held:find('"isError":true', 1, true) then
            refused = refused + 1
          elseif held:find('"message":"nothing', 1, true) then
            empty = empty + 1
          end
        end
        """
    }
  }

  /// Claims tasks: project, the number of agents.
  private static let tasks = """
    function init(args)
      math.randomseed(os.time() + number)
      project = "/v1/projects/" .. args[1]
      agents = tonumber(args[2])
    end
    function claim()
      local body = '{"agent":"w' .. math.random(agents) - 1 .. '"}'
      return head("POST", project .. "/claims", #body) .. body
    end
    function take(status, body)
      if status ~= 200 then empty = empty + 1 return nil end
      granted = granted + 1
      local id = body:match('"id":"([^"]+)"')
      claimed[granted] = id
      return id
    end

    """

  /// Calls tools, as clients of the newest protocol do: project, the number of agents.
  private static let toolCalls = """
    local meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",' ..
      '"io.modelcontextprotocol/clientCapabilities":{}}'
    function init(args)
      math.randomseed(os.time() + number)
      project = args[1]
      agents = tonumber(args[2])
    end
    function call(tool, arguments)
      local body = '{"jsonrpc":"2.0","id":' .. issued .. ',"method":"tools/call","params":{"name":"' ..
        tool .. '","arguments":{' .. arguments .. ',"project":"' .. project .. '"},' .. meta .. '}}'
      return "POST /mcp HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Type: application/json\\r\\n" ..
        "Accept: application/json, text/event-stream\\r\\nMCP-Protocol-Version: 2026-07-28\\r\\n" ..
        "Mcp-Method: tools/call\\r\\nMcp-Name: " .. tool .. "\\r\\nContent-Length: " .. #body ..
        "\\r\\n\\r\\n" .. body
    end

    """

  /// Makes signals: project, prefix of the tasks they name.
  private static let signals = """
    function init(args)
      pool = texts(64, 200)
      project = "/v1/projects/" .. args[1]
      open = '{"plan_file":"' .. args[2] .. number .. "-"
      middle = '","signal_type":"planner_finished","payload":"{\\\\"body\\\\":\\\\"'
      close = '\\\\"}"}'
      open = head("POST", project .. "/signals", #open + 8 + #middle + 209 + #close) .. open
      local who = '{"claimed_by":"w' .. number .. '"}'
      claim = head("POST", project .. "/signals/claim", #who) .. who
      made, turn, waiting = 0, 0, {}
    end
    function create()
      made = made + 1
      local n = 10000000 + made
      return open .. n .. middle .. n .. " " .. pool[n % 64 + 1] .. close
    end

    """

  /// Creates, claims and finishes in turn; what is claimed waits for its turn to be finished.
  private static let turns = """

    local ending = '{"status":"done","result":"ok"}'
    function request()
      issued = issued + 1
      turn = turn + 1
      if turn % 3 == 2 then return claim end
      if turn % 3 == 0 and #waiting > 0 then
        local id = table.remove(waiting)
        return head("POST", project .. "/signals/" .. id .. "/processed", #ending) .. ending
      end
      return create()
    end
    function response(status, headers, body)
      if status == 200 then
        local id = body:match('"ID":(%d+)')
        if id then
          granted = granted + 1
          claimed[granted] = tonumber(id)
          table.insert(waiting, id)
        end
      elseif status == 204 then
        empty = empty + 1
      end
    end
    """
}
