import HoldfastDatabase
import Synchronization
import Testing

@testable import HoldfastStore

/// The statements that write rows.
@Suite struct RowStatementsTests {
  @Test func `so many are kept, however many sets of columns there are`() {
    let statements = RowStatements()
    let columns = TaskEntry.table.columns
    var most = 0
    for first in columns.indices {
      for last in first..<columns.count {
        var set = ColumnSet()
        for place in first...last { set.insert(place) }
        let sql = statements.update(TaskEntry.table, set)
        #expect(sql.text.contains("\(columns[last].name) = ?\(set.count) WHERE"))
        most = max(most, statements.made.withLock { $0.count })
      }
    }
    #expect(most == RowStatements.keptMax)
  }
}
