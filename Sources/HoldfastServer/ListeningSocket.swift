internal import CMicroHTTPD
internal import Glibc
public import HoldfastModel

/// A socket on which clients are accepted.
public struct ListeningSocket: Sendable {
  let descriptor: Int32
  /// Where clients reach it: `http://127.0.0.1:7433`, or the path of a unix socket.
  public let address: String
  /// The path of a unix socket, which goes with it.
  private let path: String?

  private init(descriptor: Int32, address: String, path: String? = nil) {
    self.descriptor = descriptor
    self.address = address
    self.path = path
  }

  /// Takes a unix socket's name away, so that nobody new finds it.
  func withdraw() {
    if let path { unlink(path) }
  }

  /// Connections that wait to be accepted.
  private static let backlog: Int32 = 1024

  /// Listens on a TCP port.
  ///
  /// - Parameter port: 0 lets the system choose one.
  public static func tcp(host: String, port: Int) throws(HoldfastError) -> ListeningSocket {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
      throw HoldfastError(.usage, "\"\(host)\" is no address of this machine")
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(
      found.pointee.ai_family, found.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure("no socket can be made") }
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
      let error = failure("\(host):\(port) cannot be bound")
      Glibc.close(descriptor)
      throw error
    }
    guard listen(descriptor, backlog) == 0 else {
      let error = failure("\(host):\(port) cannot be listened on")
      Glibc.close(descriptor)
      throw error
    }
    let shown = host.contains(":") ? "[\(host)]" : host
    return ListeningSocket(
      descriptor: descriptor, address: "http://\(shown):\(boundPort(descriptor))")
  }

  /// Listens on a unix socket that only this user can reach.
  ///
  /// - Parameter path: At most ``pathBytesMax`` bytes; a socket that nobody listens on any more is
  ///   replaced.
  /// - Throws: ``HoldfastError`` when something else has that name, a socket that answers above all.
  public static func unix(path: String) throws(HoldfastError) -> ListeningSocket {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count <= pathBytesMax else {
      throw HoldfastError(
        .usage, "the socket's path must have at most \(pathBytesMax) bytes: \(path)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure("no socket can be made") }
    do throws(HoldfastError) {
      try removeLeftOver(path, address)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
    let before = umask(0o177)
    let bound = with(address) { bind(descriptor, $0, $1) }
    umask(before)
    guard bound == 0, listen(descriptor, backlog) == 0 else {
      let error = failure("the socket \(path) cannot be used")
      Glibc.close(descriptor)
      throw error
    }
    return ListeningSocket(descriptor: descriptor, address: path, path: path)
  }

  /// The longest path that fits into a socket's address, whose last byte is 0.
  public static let pathBytesMax = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Takes away the name of a socket whose process has died; everything else stays.
  private static func removeLeftOver(_ path: String, _ address: sockaddr_un) throws(HoldfastError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw HoldfastError(
        .alreadyExists, "\(path) is there already and is no socket: choose another --socket")
    }
    let probe = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { throw failure("no socket can be made") }
    defer { Glibc.close(probe) }
    guard with(address, { connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED else {
      throw HoldfastError(
        .conflict, "another server answers on the socket \(path): choose another --socket")
    }
    unlink(path)
  }

  private static func with(
    _ address: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  private static func failure(_ what: String) -> HoldfastError {
    HoldfastError(.unavailable, "\(what): \(String(cString: strerror(errno)))")
  }

  private static func boundPort(_ descriptor: Int32) -> Int {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(descriptor, $0, &length)
      }
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        // The port stands at the same place for both families.
        Int(UInt16(bigEndian: $0.pointee.sin_port))
      }
    }
  }
}
