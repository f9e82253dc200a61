import Testing

@testable import holdfast

@Suite struct StoreLocationTests {
  func parse(_ text: String) throws(StoreLocation.Flaw) -> StoreLocation {
    try StoreLocation(parsing: text, from: "/shop", home: "/home/me")
  }

  @Test(
    arguments: [
      ("/a/b.db", .sqlite(path: "/a/b.db")),
      ("b.db", .sqlite(path: "/shop/b.db")),
      ("./a:b", .sqlite(path: "/shop/./a:b")),
      ("~/b.db", .sqlite(path: "/home/me/b.db")),
      ("~user", .sqlite(path: "/shop/~user")),
      ("100%.db", .sqlite(path: "/shop/100%.db")),
      ("sqlite:/a/b.db", .sqlite(path: "/a/b.db")),
      ("sqlite:///a/b%20c.db", .sqlite(path: "/a/b c.db")),
      ("sqlite:b.db", .sqlite(path: "/shop/b.db")),
      ("SQLite:~/b.db", .sqlite(path: "/home/me/b.db")),
      ("json:state.json", .json(path: "/shop/state.json")),
      ("json:///a/state.json", .json(path: "/a/state.json")),
      (
        "postgresql://me:pw@db:5433/tasks?sslmode=require",
        .postgresql(url: "postgresql://me:pw@db:5433/tasks?sslmode=require")
      ),
      ("postgres:///tasks?host=/run/pg", .postgresql(url: "postgresql:///tasks?host=/run/pg")),
      ("postgresql://a:1,b:2/x", .postgresql(url: "postgresql://a:1,b:2/x")),
      ("http://host:7433", .remote(url: "http://host:7433")),
      ("HTTPS://host/", .remote(url: "https://host")),
      ("http://[::1]:7433/base/", .remote(url: "http://[::1]:7433/base")),
      ("http://10.0.0.1", .remote(url: "http://10.0.0.1")),
    ] as [(String, StoreLocation)])
  func `a location is read`(text: String, location: StoreLocation) throws {
    #expect(try parse(text) == location)
  }

  @Test(arguments: [
    ("", "must not be empty"),
    ("a\nb", "must not contain control characters"),
    (
      "redis://x",
      "must be a path or a sqlite:, postgresql:, http: or https: URL, not redis:; a path with a colon in it begins with ./ or /"
    ),
    (
      "htp://x",
      "must be a path or a sqlite:, postgresql:, http: or https: URL, not htp:; did you mean http:?"
    ),
    ("http:host", "must begin with http://"),
    ("http://", "names no host"),
    ("http:///path", "names no host"),
    ("http://:7433", "names no host"),
    ("http://ho st", "must not contain spaces"),
    ("http://host:port", "has the port \"port\", which is not a number from 1 to 65535"),
    ("http://host:0", "has the port \"0\", which is not a number from 1 to 65535"),
    ("http://host:65536", "has the port \"65536\", which is not a number from 1 to 65535"),
    ("http://host:+1", "has the port \"+1\", which is not a number from 1 to 65535"),
    ("http://host:", "has the port \"\", which is not a number from 1 to 65535"),
    ("http://[::g]", "has an address in brackets that is not an IPv6 address"),
    ("http://[::1]x", "has something between the address and the port"),
    ("http://me:pw@host", "must not hold a user name or a password"),
    ("http://host?x=1", "must not have a part behind ? or #"),
    ("http://ho<st", "has the host \"ho<st\", which is not a name or an address"),
    ("http://host/%zz", "has a percent sign without two hex digits"),
    ("sqlite:", "must not be an empty path"),
    ("sqlite://host/x", "names a host; write sqlite:/path or sqlite:path"),
    ("sqlite:/x?mode=ro", "takes nothing behind ? or #; in a path they are written as %3F and %23"),
    ("sqlite:/x%4", "has a percent sign without two hex digits"),
    ("sqlite:/x%00", "must not contain control characters"),
    ("postgresql:x", "must begin with postgresql://"),
    ("postgresql://host:x/db", "has the port \"x\", which is not a number from 1 to 65535"),
    (
      "postgresql://me:s3/cret@db/x",
      "must not have / ? or # in a user or password; write %2F, %3F or %23"
    ),
    ("postgresql://host/a b", "must not contain spaces; write %20"),
  ])
  func `what is no location gets a sentence`(text: String, sentence: String) {
    let flaw = #expect(throws: StoreLocation.Flaw.self) { try parse(text) }
    #expect(flaw?.text == sentence)
  }

  @Test func `a relative path needs a folder, and ~ a home`() {
    let folder = #expect(throws: StoreLocation.Flaw.self) {
      try StoreLocation(parsing: "x", from: nil, home: nil)
    }
    #expect(folder?.text == "is a relative path, and the current folder no longer exists")
    let home = #expect(throws: StoreLocation.Flaw.self) {
      try StoreLocation(parsing: "~/x", from: "/", home: nil)
    }
    #expect(home?.text == "begins with ~, and no home folder is known")
  }

  @Test(arguments: [
    ("postgresql://me:s3cret@db/x", "postgresql://me:***@db/x"),
    ("postgresql://me@db/x?password=s3cret&a=1", "postgresql://me@db/x?password=***&a=1"),
    ("postgresql://me:p@ss@db/x", "postgresql://me:***@db/x"),
    ("http://host:7433", "http://host:7433"),
    ("/a:b@c", "/a:b@c"),
  ])
  func `passwords are masked`(text: String, masked: String) {
    #expect(StoreURL.redacted(text) == masked)
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("::1", true), ("[::1]", true),
    ("::ffff:127.0.0.1", true), ("0.0.0.0", false), ("::", false), ("192.168.1.1", false),
  ])
  func `an address is loopback or not`(text: String, isLoopback: Bool) throws {
    #expect(try #require(BindAddress(text)).isLoopback == isLoopback)
  }

  @Test(arguments: ["", "host", "1.2.3", "1.2.3.4:80", "[1.2.3.4", "::1%lo"])
  func `what is no address is refused`(text: String) {
    #expect(BindAddress(text) == nil)
  }
}
