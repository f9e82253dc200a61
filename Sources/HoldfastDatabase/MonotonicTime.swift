internal import Glibc

/// Nanoseconds on the monotonic clock of this machine, which no change of the date touches.
public func monotonicNanoseconds() -> UInt64 { nanoseconds(of: CLOCK_MONOTONIC) }

/// Nanoseconds for which a processor has worked for the calling thread.
func threadNanoseconds() -> UInt64 { nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }

/// Nanoseconds since 1970 UTC by the machine's clock.
public func wallNanoseconds() -> Int64 { Int64(nanoseconds(of: CLOCK_REALTIME)) }

private func nanoseconds(of clock: clockid_t) -> UInt64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
