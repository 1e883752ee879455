//go:build tools

// Package tools names the program that this module pins and builds, with the test suite of the same version.
package tools

import _ "github.com/google/go-jsonnet/cmd/jsonnet"
