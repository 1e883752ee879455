//go:build tools

// Package tools names the program that this module pins and builds.
package tools

import _ "github.com/hashicorp/terraform"
