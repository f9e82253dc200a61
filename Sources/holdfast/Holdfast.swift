private import Glibc

/// The program; called `kas`, it takes the words that clients of kasmos know.
@main
struct Holdfast {
  static func main() { exit(Entry.run()) }
}
