import HoldfastModel
import Testing

/// How queries are read, and what they show of a text.
@Suite struct SearchQueryTests {
  /// A query as it was understood: `+` before what is wanted.
  private func shown(_ text: String) throws -> String {
    let query = try SearchQuery(text, field: FieldPosition("q"))
    func show(_ term: SearchQuery.Term) -> String {
      let words = term.words.map { String(decoding: $0, as: UTF8.self) }
      return words.joined(separator: "_") + (term.isPrefix ? "*" : "")
    }
    return (query.wanted.map { "+" + show($0) } + query.unwanted.map { "-" + show($0) })
      .joined(separator: " ")
  }

  @Test(arguments: [
    ("login", "+login"), ("  Fix LOGIN\t", "+fix +login"), ("auth*", "+auth*"),
    (#""two Words""#, "+two_words"), (#""two wo"*"#, "+two_wo*"), ("fix-login", "+fix_login"),
    ("a -b", "+a -b"), (#"a -"b c" d"#, "+a +d -b_c"), ("a - b", "+a +b"),
    (#"say "hi"#, "+say +hi"), (#"a"b c"d"#, "+a +b_c +d"), ("a OR b NEAR(c)", "+a +or +b +near_c"),
    ("project:x {y}", "+project_x +y"), ("' OR 1=1 --", "+or +1_1"), ("ß**", "+ß*"),
    ("a* -", "*"), ("日本", "+日_本"),
  ])
  func `a query means`(text: String, meaning: String) throws {
    guard meaning != "*" else {
      let refusal = #expect(throws: HoldfastError.self) { try shown(text) }
      #expect(refusal?.message.contains("at least 2 letters stand before a *") == true)
      return
    }
    #expect(try shown(text) == meaning)
  }

  @Test(arguments: ["", "   ", "?!", "\"\"", "-draft", "- * \"", "-- ''", "\u{301}"])
  func `a query without a word is refused kindly`(text: String) {
    let refusal = #expect(throws: HoldfastError.self) { try shown(text) }
    #expect(refusal?.code == .invalidField)
    #expect(refusal?.message.hasPrefix("q must be a word to look for, such as login") == true)
  }

  @Test func `a query has bounds`() {
    let long = #expect(throws: HoldfastError.self) { try shown(String(repeating: "a", count: 513)) }
    #expect(long?.message == "q must be at most 512 bytes long")
    let many = String(repeating: "a ", count: 33)
    #expect(throws: HoldfastError.self) { try shown(many) }
    #expect(throws: Never.self) { try shown(String(repeating: "a ", count: 32)) }
  }

  private func snippet(_ text: String, _ query: String) throws -> String? {
    let query = try SearchQuery(query, field: FieldPosition("q"))
    return Array(text.utf8).withUnsafeBytes { SearchSnippet.html(of: $0, query) }
  }

  @Test(arguments: [
    (
      "# The login page\n\nA <b> & \"c\"", "login",
      "The <mark>login</mark> page A &lt;b&gt; &amp; &quot;c"
    ),
    ("two words, two  words", #""two words""#, "<mark>two words</mark>, <mark>two words</mark>"),
    ("authorize author", "auth*", "<mark>authorize</mark> <mark>author</mark>"),
    ("a a a", #""a a""#, "<mark>a a a</mark>"), ("Été", "ete", "<mark>Été</mark>"),
    ("x<script>alert('login')", "login", "x&lt;script&gt;alert(&#39;<mark>login</mark>"),
  ])
  func `a snippet marks what was looked for`(text: String, query: String, html: String) throws {
    #expect(try snippet(text, query) == html)
  }

  @Test func `a snippet of a long text stands where most of the query is`() throws {
    let filler = (0..<200).map { "w\($0)" }.joined(separator: " ")
    let text = "alpha \(filler) alpha beta \(filler)"
    let html = try snippet(text, "alpha beta")
    #expect(
      html?.hasPrefix("… w195 w196 w197 w198 w199 <mark>alpha</mark> <mark>beta</mark> w0") == true)
    #expect(html?.hasSuffix(" …") == true)
    #expect(try snippet(text, "gamma") == nil)
  }

  @Test func `a snippet stays short whatever stands in the text`() throws {
    let junk = String(repeating: "(", count: 10_000)
    let word = String(repeating: "x", count: 10_000)
    let html = try #require(try snippet("\(word) login \(junk) page", "login"))
    #expect(html.utf8.count < 300)
    #expect(html.contains("<mark>login</mark>"))
  }

  @Test func `occurrences are counted, phrases word by word`() throws {
    let query = try SearchQuery(#""a a" be* -c"#, field: FieldPosition("q"))
    let match = Array("a a a be bee c".utf8).withUnsafeBytes { SearchMatch(query, in: $0) }
    #expect(match.counts == [2, 2, 1])
  }
}
