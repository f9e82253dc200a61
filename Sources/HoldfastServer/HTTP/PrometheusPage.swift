/// The text format of Prometheus, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct PrometheusPage {
  private var text = ""

  var bytes: [UInt8] { Array(text.utf8) }

  mutating func gauge(_ name: String, _ help: String, _ value: Int) {
    one(name, help, type: "gauge", value)
  }

  mutating func counter(_ name: String, _ help: String, _ value: Int) {
    one(name, help, type: "counter", value)
  }

  private mutating func one(_ name: String, _ help: String, type: String, _ value: Int) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(name) \(value)\n"
  }

  mutating func requests(_ counts: [Metrics.RouteCount]) {
    text += """
      # HELP holdfast_requests_total Requests by route and kind of answer.
      # TYPE holdfast_requests_total counter

      """
    for count in counts {
      let labels = "method=\"\(count.method)\",route=\"\(count.path)\""
      for (kind, number) in [
        ("success", count.succeeded), ("refused", count.refused), ("failed", count.failed),
        ("broken", count.broken),
      ] where number > 0 {
        text += "holdfast_requests_total{\(labels),kind=\"\(kind)\"} \(number)\n"
      }
    }
    text += """
      # HELP holdfast_request_seconds_total Time from the request line to the end of the answer.
      # TYPE holdfast_request_seconds_total counter

      """
    for count in counts {
      let labels = "method=\"\(count.method)\",route=\"\(count.path)\""
      text += "holdfast_request_seconds_total{\(labels)} \(count.seconds)\n"
    }
  }
}
