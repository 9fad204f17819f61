# Ruby as a testee: Regexp, Enumerator, Fiber, Thread, Queue, fork and Socket as they are.

require "assay_sdk"
require_relative "generator_ops"
require_relative "iterator_ops"
require_relative "net_ops"
require_relative "process_ops"
require_relative "queue_ops"
require_relative "regex_ops"
require_relative "thread_ops"

# The same as in testee.toml, which says why.
DESCRIPTION = File.read(File.join(__dir__, "testee.toml"), encoding: "UTF-8")
SUPPORTS = DESCRIPTION[/^supports = \[(.*?)^\]/m, 1].gsub(/#.*/, "").scan(/"([^"]+)"/).flatten

adapter = Assay::Adapter.new("Ruby", RUBY_VERSION, supports: SUPPORTS)
[RegexOps, IteratorOps, GeneratorOps, QueueOps, ThreadOps, ProcessOps, NetOps].each do |ops|
  ops.add_to(adapter)
end
adapter.run
