/// How well a text fits to what is looked for.
///
/// A term counts for more the more often it stands there, and where it stands; but ten times is not ten
/// times as good as once. It depends on the text alone, so it stays as it is while others come and go.
public enum WordRank {
  /// - Parameter counts: For each term how often it stands there, each place times its weight.
  /// - Returns: At least 0, and less than a million for each term.
  public static func rank(_ counts: some Sequence<Int64>) -> Int64 {
    counts.reduce(0) { sum, count in
      sum + Int64(1_000_000 * Double(count) / (Double(count) + 4))
    }
  }
}
