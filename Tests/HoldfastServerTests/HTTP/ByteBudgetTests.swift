import Testing

@testable import HoldfastServer

@Suite struct ByteBudgetTests {
  @Test func `the peak is the most that was taken at once since it was asked for last`() {
    let budget = ByteBudget(bytesMax: 100)
    #expect(budget.takePeak() == 0)
    #expect(budget.take(60))
    budget.giveBack(60)
    #expect(budget.take(30))
    #expect(budget.takePeak() == 60)
    // What is still taken counts for the next time as well.
    #expect(budget.takePeak() == 30)
    budget.giveBack(30)
    #expect(budget.takePeak() == 30)
    #expect(budget.takePeak() == 0)
  }

  @Test func `what was refused is no peak and what cannot be refused is one`() {
    let budget = ByteBudget(bytesMax: 100)
    #expect(!budget.take(101))
    #expect(budget.takePeak() == 0)
    budget.takeAnyway(200)
    #expect(budget.takePeak() == 200)
  }
}
