internal import HoldfastDatabase

/// The one way to write rows of the tables that stand apart from the log (``Tables/apart``): as durable as
/// the others, in no event.
extension Changes {
  /// Writes a row that is new, or what differs from the row as it was.
  func write<R: Record>(apart row: R, over old: R?) throws {
    let table = R.table
    let values = row.values
    guard let old else {
      try transaction.execute(
        facts.statements.insert(table, ColumnSet(first: table.columns.count)),
        values + [.int(row.id)])
      memory.wrote(row.id, nil, (row, values))
      return
    }
    _ = try write(old, row)
  }

  /// Writes new rows of texts and numbers by one statement.
  func insert<R: Record>(allApart records: [R]) throws {
    guard !records.isEmpty else { return }
    var rows = records
    let first = try memory.nextKey(of: R.table, in: transaction)
    for index in rows.indices { rows[index].id = first + Int64(index) }
    try insert(allSettled: rows)
  }

  /// Writes new rows that have their keys; in the log they are the caller's to say.
  func insert<R: Record>(allSettled rows: [R]) throws {
    let (columns, texts) = RowList.columns(of: rows)
    try transaction.execute(
      facts.statements.insertAll(
        R.table, columns, texts: texts, transaction.dialect),
      [RowList.json(rows, columns)])
    for row in rows { memory.wrote(row.id, nil, (row, row.values)) }
  }

  /// Deletes rows by one statement.
  func delete<R: Record>(allApart records: [R]) throws {
    guard !records.isEmpty else { return }
    try transaction.execute(
      facts.statements.deleteAll(R.table, transaction.dialect), [RowList.json(records, ColumnSet())]
    )
    for record in records {
      memory.wrote(record.id, record.values, (nil as (row: R, values: [SQLValue])?))
    }
  }
}
