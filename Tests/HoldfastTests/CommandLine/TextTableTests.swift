import Testing

@testable import holdfast

@Suite struct TextTableTests {
  @Test func `columns are aligned and numbers end at one place`() {
    var table = TextTable([.init("name"), .init("size", isRight: true), .init("note")])
    table.add(["a", "5", "x"])
    table.add(["日本語", "12345", ""])
    #expect(
      table.lines() == [
        "name     size  note",
        "a           5  x",
        "日本語  12345",
      ])
  }

  @Test func `a table without titles has only rows`() {
    var table = TextTable([.init(), .init()])
    #expect(table.isEmpty && table.lines() == [])
    table.add(["a", "b"])
    #expect(table.lines() == ["a  b"])
  }

  @Test func `a cell can forge neither a row nor a colour`() {
    var table = TextTable([.init(), .init()])
    table.add(["a\nb", "\u{1B}[31m"])
    #expect(table.lines() == ["a\\u{a}b  \\u{1b}[31m"])
  }

  @Test func `flexible columns give way to the width of the terminal`() {
    var table = TextTable([.init("id"), .init("title", isFlexible: true), .init("by")])
    table.add(["1", "a title that is much too long for this terminal", "me"])
    #expect(
      table.lines(fitting: 30) == [
        "id  title                   by",
        "1   a title that is much …  me",
      ])
    #expect(table.lines(fitting: 5).allSatisfy { $0.displayWidth <= 20 })
  }

  @Test func `a row without all its cells traps`() async {
    await #expect(processExitsWith: .failure) {
      var table = TextTable([.init(), .init()])
      table.add(["a"])
    }
  }

  @Test(arguments: [
    ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("👩‍👩‍👧", 2), ("", 0), ("…", 1),
  ])
  func `text takes columns`(text: String, width: Int) {
    #expect(text.displayWidth == width)
  }

  @Test func `text is padded and cut by what it takes`() {
    #expect("日本".padded(to: 6) == "日本  ")
    #expect("日本".padded(toScalars: 4) == "日本  ")
    #expect("ready".padded(toScalars: 14) == "ready         ")
    #expect("toolong".padded(to: 3) == "toolong")
    #expect("日本語".prefix(displayWidth: 5) == "日本…")
    #expect("abcdef".prefix(displayWidth: 6) == "abcdef")
    #expect("abcdef".prefix(displayWidth: 1) == "…")
  }
}
