// Ops of the area regex: package regexp. Texts are UTF-8 there and places count bytes; the protocol
// counts code points.
package main

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"adapter/assay"
)

const known = "aims" // classes are ASCII's in any case

// Its flags stand in the pattern; there is no x.
func compile(p assay.Params) (*regexp.Regexp, string, error) {
	pattern, letters := p.String("pattern"), ""
	for _, flag := range p.String("flags") {
		if !strings.ContainsRune(known, flag) {
			return nil, "", assay.Raise("PatternError", "regexp has no flag "+string(flag))
		}
		if flag != 'a' {
			letters += string(flag)
		}
	}
	if letters != "" {
		letters = "(?" + letters + ")"
	}
	compiled, err := regexp.Compile(letters + pattern)
	if err != nil {
		return nil, "", assay.Raise("PatternError", err.Error())
	}
	return compiled, letters, nil
}

// A search for the pattern between anchors, which is how package regexp has match and fullmatch.
func anchored(end string) func(assay.Params) (*regexp.Regexp, error) {
	return func(p assay.Params) (*regexp.Regexp, error) {
		_, letters, err := compile(p)
		if err != nil {
			return nil, err
		}
		return regexp.Compile(`\A(?:` + letters + p.String("pattern") + `)` + end)
	}
}

// Code points before each byte of a text where one begins.
type places struct {
	text string
	byte int
	rune int
}

// at is called for places that do not go back, but by a match's groups.
func (p *places) at(offset int) int {
	if offset < p.byte {
		return p.rune - utf8.RuneCountInString(p.text[offset:p.byte])
	}
	p.rune += utf8.RuneCountInString(p.text[p.byte:offset])
	p.byte = offset
	return p.rune
}

func describe(text string, match []int, places *places, spans bool) any {
	if match == nil {
		return nil
	}
	groups, where := []any{}, []any{}
	whole := []int{places.at(match[0]), places.at(match[1])}
	for i := 2; i < len(match); i += 2 {
		if match[i] < 0 {
			groups, where = append(groups, nil), append(where, nil)
			continue
		}
		groups = append(groups, text[match[i]:match[i+1]])
		where = append(where, []int{places.at(match[i]), places.at(match[i+1])})
	}
	result := map[string]any{"span": whole, "groups": groups}
	if spans {
		result["spans"] = where
	}
	return result
}

func finder(compiled func(assay.Params) (*regexp.Regexp, error)) assay.Handler {
	return func(p assay.Params) (any, error) {
		pattern, err := compiled(p)
		if err != nil {
			return nil, err
		}
		text := p.String("text")
		match := pattern.FindStringSubmatchIndex(text)
		return describe(text, match, &places{text: text}, p.Bool("spans")), nil
	}
}

func findall(pattern *regexp.Regexp, text string) any {
	result := []any{}
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		if len(match) <= 2 {
			result = append(result, match[len(match)-1])
		} else {
			result = append(result, match[1:])
		}
	}
	return result
}

func finditer(pattern *regexp.Regexp, text string, spans bool) any {
	result, places := []any{}, &places{text: text}
	for _, match := range pattern.FindAllStringSubmatchIndex(text, -1) {
		result = append(result, describe(text, match, places, spans))
	}
	return result
}

// The protocol's \1, \g<1> and \g<name> as regexp writes them: ${1}, ${name}.
var reference = regexp.MustCompile(`\\(?:g<(\w+)>|([1-9][0-9]?))|\$`)

func template(of string) string {
	return reference.ReplaceAllStringFunc(of, func(found string) string {
		if found == "$" {
			return "$$"
		}
		groups := reference.FindStringSubmatch(found)
		return "${" + groups[1] + groups[2] + "}"
	})
}

func substitute(pattern *regexp.Regexp, p assay.Params) (any, error) {
	text := p.String("text")
	count := len(pattern.FindAllStringIndex(text, -1))
	replaced := pattern.ReplaceAllString(text, template(p.String("template")))
	return map[string]any{"text": replaced, "count": count}, nil
}

// What ReplaceAllStringFunc gives a function is the matched text alone.
var functions = map[string]func(string) string{
	"increment": func(digits string) string {
		number, _ := strconv.Atoi(digits)
		return strconv.Itoa(number + 1)
	},
	"brackets": func(match string) string { return "[" + match + "]" },
	"template": func(string) string { return `\1` },
}

func substituteByFunction(pattern *regexp.Regexp, p assay.Params) (any, error) {
	text, function := p.String("text"), functions[p.String("function")]
	if function == nil {
		return nil, assay.Raise("ValueError", "no function gets a match's text for that")
	}
	count := len(pattern.FindAllStringIndex(text, -1))
	return map[string]any{"text": pattern.ReplaceAllStringFunc(text, function), "count": count}, nil
}

func split(pattern *regexp.Regexp, p assay.Params) (any, error) {
	pieces := -1
	if p.Int("maxsplit") > 0 {
		pieces = p.Int("maxsplit") + 1
	}
	return pattern.Split(p.String("text"), pieces), nil
}

func addRegexOps(adapter *assay.Adapter) {
	search := func(p assay.Params) (*regexp.Regexp, error) {
		compiled, _, err := compile(p)
		return compiled, err
	}
	with := func(perform func(*regexp.Regexp, assay.Params) (any, error)) assay.Handler {
		return func(p assay.Params) (any, error) {
			pattern, err := search(p)
			if err != nil {
				return nil, err
			}
			return perform(pattern, p)
		}
	}
	adapter.Op("regex.search", finder(search))
	adapter.Op("regex.match", finder(anchored("")))
	adapter.Op("regex.fullmatch", finder(anchored(`\z`)))
	adapter.Op("regex.sub", with(substitute))
	adapter.Op("regex.sub_function", with(substituteByFunction))
	adapter.Op("regex.split", with(split))
	adapter.Op("regex.findall", with(func(pattern *regexp.Regexp, p assay.Params) (any, error) {
		return findall(pattern, p.String("text")), nil
	}))
	adapter.Op("regex.finditer", with(func(pattern *regexp.Regexp, p assay.Params) (any, error) {
		return finditer(pattern, p.String("text"), p.Bool("spans")), nil
	}))
	adapter.Op("regex.compile", with(func(pattern *regexp.Regexp, _ assay.Params) (any, error) {
		names := map[string]int{}
		for number, name := range pattern.SubexpNames() {
			if name != "" {
				names[name] = number
			}
		}
		return map[string]any{"groups": pattern.NumSubexp(), "groupindex": names}, nil
	}))
}
