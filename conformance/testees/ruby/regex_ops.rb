# Ops of the area regex: Ruby's Regexp, whose engine is Onigmo, with its own syntax and templates.
module RegexOps
  FLAGS = { "i" => Regexp::IGNORECASE, "s" => Regexp::MULTILINE, "x" => Regexp::EXTENDED }.freeze

  FUNCTIONS = {
    "increment" => ->(match) { (Integer(match[0], 10) + 1).to_s },
    "brackets" => ->(match) { "[#{match[0]}]" },
    "span" => ->(match) { match.offset(0).join("-") },
    "group1" => ->(match) { match[1] || "" },
    "template" => ->(_) { "\\1" },
    "number" => ->(_) { 1 }
  }.freeze

  module_function

  # The flag m is always on: ^ and $ are those of lines. `around`: an anchored form of the pattern.
  def compiled(pattern, flags, around = nil)
    options = 0
    ascii = ""
    flags.each_char do |flag|
      case flag
      when "m" then next
      when "a" then ascii = "(?a)"
      else options |= FLAGS.fetch(flag) { raise RegexpError, "unknown flag #{flag}" }
      end
    end
    plain = Regexp.new(ascii + pattern, options)
    # A comment of the verbose form ends with its line.
    pattern += "\n" if flags.include?("x")
    around ? Regexp.new(ascii + format(around, pattern), options) : plain
  end

  def described(match, spans)
    return nil unless match

    result = { span: match.offset(0), groups: match.captures }
    result[:spans] = (1...match.size).map { |n| match[n] && match.offset(n) } if spans
    result
  end

  # Every match that scan finds, in order.
  def all(compiled, text)
    text.to_enum(:scan, compiled).map { Regexp.last_match }
  end

  def found(match)
    texts = match.captures.map(&:to_s)
    texts.size < 2 ? texts.first || match[0] : texts
  end

  # sub replaces one match, gsub all of them; Ruby has nothing for another number.
  def method_for(count)
    { 0 => :gsub, 1 => :sub }.fetch(count) do
      raise Assay::Raised.new("ValueError", "one match is replaced, or all")
    end
  end

  def add_to(adapter)
    adapter.op("regex.compile") do |pattern:, flags:|
      regexp = compiled(pattern, flags)
      groups = Regexp.union(regexp, //).match("").size - 1
      { groups: groups, groupindex: regexp.named_captures.transform_values(&:first) }
    end
    anchored = { "regex.match" => "\\A(?:%s)", "regex.search" => nil,
                 "regex.fullmatch" => "\\A(?:%s)\\z" }
    anchored.each do |op, around|
      adapter.op(op) do |pattern:, text:, flags:, spans:|
        described(compiled(pattern, flags, around).match(text), spans)
      end
    end
    adapter.op("regex.findall") do |pattern:, text:, flags:|
      all(compiled(pattern, flags), text).map { |match| found(match) }
    end
    adapter.op("regex.finditer") do |pattern:, text:, flags:, spans:|
      all(compiled(pattern, flags), text).map { |match| described(match, spans) }
    end
    adapter.op("regex.sub_function") do |pattern:, function:, text:, count:, flags:|
      made = FUNCTIONS.fetch(function) { raise ArgumentError, "no function is called #{function}" }
      done = 0
      replaced = text.public_send(method_for(count), compiled(pattern, flags)) do
        done += 1
        made.call(Regexp.last_match)
      end
      { text: replaced, count: done }
    end
    adapter.op("regex.split") do |pattern:, text:, maxsplit:, flags:|
      text.split(compiled(pattern, flags), maxsplit.zero? ? -1 : maxsplit + 1)
    end
    adapter.op("regex.sub") do |pattern:, template:, text:, count:, flags:|
      regexp = compiled(pattern, flags)
      matches = all(regexp, text).size
      { text: text.public_send(method_for(count), regexp, template),
        count: count.zero? ? matches : [count, matches].min }
    end
  end
end
