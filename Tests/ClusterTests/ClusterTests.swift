import Cluster
import CollectiveSupport
import Diagnostics
import Testing

/// What a process knows of the others.
@Suite struct ClusterTests {
  @Test func launchersTellTheNumberOfProcesses() {
    #expect(Launch.processes([:]) == 1)
    #expect(Launch.processes(["OMPI_COMM_WORLD_SIZE": "4"]) == 4)
    #expect(Launch.processes(["PMI_SIZE": "3"]) == 3)
    #expect(Launch.processes(["PMI_SIZE": "1", "OMPI_COMM_WORLD_SIZE": "2"]) == 2)
    #expect(Launch.processes(["PMI_SIZE": "many", "OMPI_COMM_WORLD_SIZE": "-2"]) == 1)
  }

  @Test func sameBytesAgree() throws {
    _ = try ranks(3) { try $0.requireSame([0, 7, 255], "the recipes") }
  }

  @Test func otherBytesAreNamedOnEveryRank() throws {
    let problems = try ranks(4) { collective in
      do throws(Failure) {
        try collective.requireSame([1, collective.rank > 1 ? 9 : 2], "the recipes")
        return ""
      } catch { return error.problem }
    }
    let expected = "the recipes of rank 2, 3 differ from those of rank 0"
    #expect(problems == Array(repeating: expected, count: 4))
  }

  #if !MPI
    @Test func withoutTheTraitSeveralProcessesAreRefused() {
      let failure = #expect(throws: Failure.self) { _ = try MPICollective(of: 2) }
      #expect(failure?.kind == .unavailable)
      #expect(failure?.problem.contains("2 processes") == true)
      #expect(failure?.remedy?.contains("MPI") == true)
    }
  #endif
}
