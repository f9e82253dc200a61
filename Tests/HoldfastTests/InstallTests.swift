import Glibc
import HoldfastTesting
import Testing

/// `make install` and `make uninstall`, with the program that the tests have built.
@Suite struct InstallTests {
  private let folder = TestHome().folder

  /// Runs the script that both are, for a user whose programs are in `path`.
  private func script(_ action: String, destination: String, prefix: String, path: String = "")
    throws
  {
    let result = try TestProcess.run(
      ["scripts/install.sh", action, TestProcess.holdfast, destination, prefix],
      program: "/bin/sh",
      environment: ["HOME": folder.path, "PATH": "\(path):/usr/bin:/bin"])
    #expect(result.code == 0 && result.errors == "", "\(result.errors)")
  }

  /// All files and links below a folder, links with what they lead to.
  private func files(below folder: String) throws -> [String] {
    let result = try TestProcess.run(
      [
        folder, "(", "-type", "l", "-printf", "%P -> %l\n", ")", "-o", "-type", "f", "-printf",
        "%P\n",
      ],
      program: "/usr/bin/find", environment: [:])
    return result.output.split(separator: "\n").map { String($0) }.sorted()
  }

  @Test func `an installation is whole, and nothing of it stays`() throws {
    let root = folder.file("root")
    try script("install", destination: root, prefix: "/opt/holdfast")
    let installed = [
      "bin/holdfast", "bin/kas -> holdfast",
      "share/bash-completion/completions/holdfast",
      "share/bash-completion/completions/kas -> holdfast",
      "share/fish/vendor_completions.d/holdfast.fish",
      "share/fish/vendor_completions.d/kas.fish -> holdfast.fish",
      "share/man/man1/holdfast.1", "share/systemd/user/holdfast.service",
      "share/zsh/site-functions/_holdfast",
    ]
    let prefix = root + "/opt/holdfast"
    #expect(try files(below: prefix) == installed)
    let version = try TestProcess.run(
      ["--version"], program: prefix + "/bin/kas", environment: [:])
    #expect(version.code == 0 && version.output.hasPrefix("kas "))
    let unit = String(
      decoding: try readFile(prefix + "/share/systemd/user/holdfast.service"), as: UTF8.self)
    #expect(unit.contains("ExecStart=/opt/holdfast/bin/holdfast serve\n"))
    #expect(unit.contains("Alias=kasmosdb.service\n"))
    let manual = try readFile(prefix + "/share/man/man1/holdfast.1")
    #expect(String(decoding: manual, as: UTF8.self).hasPrefix(".TH \"HOLDFAST\" \"1\" "))

    // A second time changes nothing.
    try script("install", destination: root, prefix: "/opt/holdfast")
    #expect(try files(below: prefix) == installed)
    try script("uninstall", destination: root, prefix: "/opt/holdfast")
    #expect(try files(below: root) == [])
  }

  @Test func `the name kas is left to whoever has it`() throws {
    let others = folder.file("others")
    mkdir(others, 0o700)
    symlink("/bin/true", others + "/kas")
    let prefix = folder.file(".local")
    try script("install", destination: "", prefix: prefix, path: others)
    #expect(try !files(below: prefix).contains { $0.contains("kas") })
    try script("uninstall", destination: "", prefix: prefix, path: others)
    #expect(try files(below: prefix) == [])

    mkdir(prefix + "/bin", 0o700)
    symlink("/bin/true", prefix + "/bin/kas")
    try script("install", destination: "", prefix: prefix)
    try script("uninstall", destination: "", prefix: prefix)
    #expect(try files(below: prefix) == ["bin/kas -> /bin/true"])
  }
}
