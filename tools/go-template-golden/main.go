// Writes the golden corpus of the Go template engine: what Go's text/template with the function map of an ApplicationSet makes of each case.
//
//	go run . cases ../../libs/go-template/fixtures
//
// Each file of the first folder holds the cases of one family; the file of the same name in the second folder gets the same cases with what came out.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	"github.com/gosimple/slug"
	"sigs.k8s.io/yaml"
)

// family is a file of cases. Data is what every case sees that has none of its own.
type family struct {
	Data  json.RawMessage `json:"data,omitempty"`
	Cases []*goldenCase   `json:"cases"`
}

type goldenCase struct {
	Name       string          `json:"name,omitempty"`
	Template   string          `json:"template"`
	Data       json.RawMessage `json:"data,omitempty"`
	MissingKey string          `json:"missingKey,omitempty"`
	Output     *string         `json:"output,omitempty"`
	Error      string          `json:"error,omitempty"`
}

// UnmarshalJSON takes a text for a case that is nothing but its template.
func (c *goldenCase) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &c.Template)
	}
	type plain goldenCase
	return json.Unmarshal(data, (*plain)(c))
}

func main() {
	// The local zone of a container is UTC.
	time.Local = time.UTC
	if len(os.Args) != 3 {
		log.Fatal("usage: go-template-golden <folder of cases> <folder of fixtures>")
	}
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.yaml"))
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml") + ".json"
		if err := writeFixture(file, filepath.Join(os.Args[2], name)); err != nil {
			log.Fatalf("%s: %v", file, err)
		}
	}
}

func writeFixture(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var cases family
	if err := yaml.Unmarshal(text, &cases); err != nil {
		return err
	}
	for _, one := range cases.Cases {
		run(one, cases.Data)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(cases); err != nil {
		return err
	}
	return os.WriteFile(to, out.Bytes(), 0o644)
}

// run fills in what comes out, as ApplicationSet's renderer does it: a new template without a name, its options, the parameters as a map.
func run(one *goldenCase, shared json.RawMessage) {
	raw := one.Data
	if raw == nil {
		raw = shared
	}
	params := map[string]any{}
	if raw != nil {
		if err := json.Unmarshal(raw, &params); err != nil {
			log.Fatalf("%s: %v", one.Template, err)
		}
	}
	output, err := execute(one, params)
	if err != nil {
		one.Error = err.Error()
		return
	}
	one.Output = &output
}

func execute(one *goldenCase, params map[string]any) (string, error) {
	parsed, err := template.New("").Funcs(functions()).Parse(one.Template)
	if err != nil {
		return "", err
	}
	if one.MissingKey != "" {
		parsed = parsed.Option("missingkey=" + one.MissingKey)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, params); err != nil {
		return "", err
	}
	return out.String(), nil
}

func functions() template.FuncMap {
	all := sprig.GenericFuncMap()
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(all, name)
	}
	all["normalize"] = normalize
	all["slugify"] = slugify
	all["toYaml"] = toYaml
	all["fromYaml"] = fromYaml
	all["fromYamlArray"] = fromYamlArray
	return all
}

// normalize makes any text a DNS name: lower case, `-` for what is not allowed, at most 253 characters, no `-` or `.` at the ends.
func normalize(name string) string {
	clean := []byte{}
	for _, char := range strings.ToLower(name) {
		if char != '-' && char != '.' && (char < 'a' || char > 'z') && (char < '0' || char > '9') {
			char = '-'
		}
		clean = append(clean, byte(char))
	}
	if len(clean) > 253 {
		clean = clean[:253]
	}
	return strings.Trim(string(clean), "-.")
}

// slugify takes the greatest length (50) and whether to cut between words (true) before the name; arguments of other types crash.
func slugify(args ...any) string {
	size, smart, name := 50, true, ""
	for place, arg := range args {
		switch place {
		case len(args) - 1:
			name = arg.(string)
		case 0:
			size = arg.(int)
		case 1:
			smart = arg.(bool)
		}
	}
	slug.MaxLength, slug.EnableSmartTruncate = size, smart
	return slug.Make(normalize(name))
}

func toYaml(value any) (string, error) {
	text, err := yaml.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("%w", err)
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}

func fromYaml(text string) (map[string]any, error) {
	value := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return nil, err
	}
	return value, nil
}

func fromYamlArray(text string) ([]any, error) {
	value := []any{}
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return nil, err
	}
	return value, nil
}
