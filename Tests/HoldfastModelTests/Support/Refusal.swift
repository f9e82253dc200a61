import HoldfastModel

/// The error that `body` throws, or `nil` when it throws none.
func refusal<T>(_ body: @autoclosure () throws(HoldfastError) -> T) -> HoldfastError? {
  do throws(HoldfastError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}
