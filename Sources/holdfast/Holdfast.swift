private import Glibc

/// The program, called `holdfast`, or `kas` as clients of kasmos know it.
@main
struct Holdfast {
  static func main() { exit(Entry.run()) }
}
