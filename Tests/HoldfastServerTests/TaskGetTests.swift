import HoldfastJSON
import HoldfastServer
import HoldfastTesting
import Testing

/// Tasks that many ask for at once.
@Suite struct TaskGetTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  @Test func `what many ask for at once is what each would get alone`() {
    let texts = [
      "", "short", String(repeating: "ä", count: 32768), String(repeating: "x", count: 65537),
    ]
    for project in ["p", "q"] {
      for (number, text) in texts.enumerated() {
        let path = "/v1/projects/\(project)/tasks"
        #expect(
          client.post(path, #"{"filename":"t\#(number)","goal":"of \#(project)"}"#).status == 201)
        #expect(client.put("\(path)/t\(number)/content", text).status == 200)
      }
    }
    let id = client.get("/v1/projects/p/tasks/t1").json?["id"]?.stringValue ?? ""
    #expect(client.delete("/v1/projects/q/tasks/t0").status < 300)
    let paths =
      ["p", "q", "none"].flatMap { project in
        ["t0", "t1", "t2", "t3", "none", id].map { "/v1/projects/\(project)/tasks/\($0)" }
      }
    let alone = paths.map { client.get($0) }
    #expect(alone.count { $0.status == 200 } == 8)
    TestThread.concurrently(16) { thread in
      for round in 0..<paths.count {
        let place = (thread * 5 + round) % paths.count
        let answer = client.get(paths[place])
        #expect(answer.status == alone[place].status)
        #expect(answer.json == alone[place].json)
        #expect(answer["ETag"] == alone[place]["ETag"])
      }
    }
  }

  @Test func `in a young store on PostgreSQL, too, each get reads the row of its task alone`()
    throws
  {
    let server = try TestServer(on: .postgresql)
    let client = server.client
    let path = "/v1/projects/p/tasks"
    for number in 0..<200 {
      #expect(client.post(path, #"{"filename":"t\#(number)"}"#).status == 201)
    }
    TestThread.concurrently(16) { thread in
      for round in 0..<50 {
        #expect(client.get("\(path)/t\((thread * 61 + round) % 200)").status == 200)
      }
    }
    // The ends of its connections tell the database's statistics what they have read.
    server.server.shutDown(within: 5)
    try server.backing.damage(
      """
      DO $$
      DECLARE fetched BIGINT;
      BEGIN
        LOOP
          PERFORM pg_stat_clear_snapshot();
          EXIT WHEN (
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) = 1;
          PERFORM pg_sleep(0.001);
        END LOOP;
        SELECT idx_tup_fetch INTO fetched FROM pg_stat_user_tables WHERE relname = 'tasks';
        IF fetched NOT BETWEEN 800 AND 1600 THEN
          RAISE EXCEPTION 'rows of tasks read for 800 gets: %', fetched;
        END IF;
      END $$
      """)
  }
}
