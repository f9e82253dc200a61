internal import CMicroHTTPD
internal import Glibc
internal import HoldfastDatabase

// libmicrohttpd's callbacks: plain functions in a file of their own, because closures made in
// main-actor code trap on its threads. `context` is the service, which outlives the daemon.

private func service(_ context: UnsafeMutableRawPointer?) -> HTTPService? {
  context.map { Unmanaged<HTTPService>.fromOpaque($0).takeUnretainedValue() }
}

/// The request line has been read: the raw target, before anything is decoded.
func requestBegan(
  _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>,
  _ connection: OpaquePointer
) -> UnsafeMutableRawPointer? {
  let bytes = Array(UnsafeRawBufferPointer(start: target, count: strlen(target)))
  holdfast_mhd_hide_query(target)
  return service(context).map {
    Unmanaged.passRetained($0.open(target: bytes, connection)).toOpaque()
  }
}

/// Called with the headers, then with each part of the body, then without any, and again after a
/// suspended connection was resumed.
func handleRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ url: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?,
  _ version: UnsafePointer<CChar>?, _ uploadData: UnsafePointer<CChar>?,
  _ uploadSize: UnsafeMutablePointer<Int>?,
  _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let service = service(context), let connection, let method, let uploadSize,
    let pointer = requestContext?.pointee
  else { return .NO }
  let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
  let goesOn: Bool
  if exchange.stage == .new {
    goesOn = service.begin(exchange, connection, method: method, version: version)
  } else if uploadSize.pointee > 0 {
    goesOn = service.receive(
      exchange, UnsafeRawBufferPointer(start: uploadData, count: uploadSize.pointee))
    uploadSize.pointee = 0
  } else {
    goesOn = service.proceed(exchange, connection)
  }
  return goesOn ? .YES : .NO
}

/// The answer is out, or the connection broke before it.
func requestCompleted(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ how: MHD_RequestTerminationCode
) {
  guard let pointer = requestContext?.pointee else { return }
  requestContext?.pointee = nil
  let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
  service(context)?.end(exchange)
}

/// A connection was opened or closed.
func connectionChanged(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ socketContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ how: MHD_ConnectionNotificationCode
) {
  guard let service = service(context), let connection, let socketContext else { return }
  switch how {
  case .CONNECTION_NOTIFY_STARTED: service.connections.opened(connection, context: socketContext)
  case .CONNECTION_NOTIFY_CLOSED: service.connections.closed(context: socketContext)
  @unknown default: break
  }
}
