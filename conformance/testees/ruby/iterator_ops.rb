# Ops of the area iterator, as far as Ruby has the like: what iterates is Enumerable by its `each`,
# and an iterator is the Enumerator that `each` without a block returns.
require "set"

module IteratorOps
  # The notes' MyList.
  class Own
    include Enumerable
    attr_reader :items

    def initialize(items)
      @items = items
    end

    def each(&block)
      return to_enum unless block

      @items.each(&block)
      self
    end
  end

  # One that fails at its end.
  class Failing < Own
    def each(&block)
      super
      raise ArgumentError, "the iterator fails"
    end
  end

  # The notes' Fibonacci numbers.
  class Fib < Own
    def each
      return to_enum unless block_given?

      a, b = 0, 1
      @items[0].times do
        yield a
        a, b = b, a + b
      end
    end
  end

  KINDS = { "list" => ->(items) { items }, "own" => Own.method(:new), "fib" => Fib.method(:new),
            "failing" => Failing.method(:new), "plain" => ->(_) { Object.new } }.freeze

  INTO = { "list" => :to_a.to_proc, "tuple" => :to_a.to_proc, "sum" => :sum.to_proc,
           "set" => ->(of) { of.to_set.sort } }.freeze

  module_function

  def add_to(adapter)
    objects = {}
    at = ->(name) { objects.fetch(name) { raise Assay::Raised.new("NoSuchObject", name) } }

    adapter.op("iterator.make") do |object:, kind:, items:|
      make = KINDS.fetch(kind) { raise ArgumentError, "there is no kind #{kind}" }
      (objects[object] = make.call(items)) && nil
    end
    adapter.op("iterator.iter") do |object:, **names|
      (objects[names[:as]] = at.call(object).each) && nil
    end
    adapter.op("iterator.is_same") { |object:, other:| at.call(object).equal?(at.call(other)) }
    adapter.op("iterator.next") { |object:, **_| at.call(object).next }
    adapter.op("iterator.add") { |object:, item:| at.call(object).items.push(item) && nil }
    adapter.op("iterator.for") do |object:, limit:, add:|
      visited = []
      for each in at.call(object) # rubocop:disable Style/For
        visited.push(each)
        at.call(object).items.push(add[visited.size - 1]) if visited.size <= add.size
        break if limit && visited.size >= limit
      end
      visited
    end
    adapter.op("iterator.for_pairs") do |object:|
      pairs = []
      at.call(object).each { |first| at.call(object).each { |second| pairs.push([first, second]) } }
      pairs
    end
    adapter.op("iterator.collect") do |object:, into:|
      collect = INTO.fetch(into) { raise ArgumentError, "nothing collects into #{into}" }
      collect.call(at.call(object))
    end
    adapter.op("iterator.contains") { |object:, value:| at.call(object).include?(value) }
  end
end
