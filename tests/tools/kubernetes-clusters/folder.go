package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const folderPattern = "anu-kubernetes-clusters-*"

// newFolder makes the folder that holds everything of this run, and gives what removes it. Folders of runs that were killed, and
// so could not remove theirs, are removed first.
func newFolder() (string, func(), error) {
	sweep()
	folder, err := os.MkdirTemp("", folderPattern)
	if err != nil {
		return "", nil, err
	}
	lock, err := os.Create(filepath.Join(folder, "lock"))
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		_ = os.RemoveAll(folder)
		return "", nil, fmt.Errorf("locking %s: %w", folder, err)
	}
	return folder, func() {
		if err := os.RemoveAll(folder); err != nil {
			fmt.Fprintln(os.Stderr, "kubernetes-clusters:", err)
		}
		_ = lock.Close()
	}, nil
}

func sweep() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPattern))
	for _, folder := range folders {
		lock, err := os.Open(filepath.Join(folder, "lock"))
		if err != nil {
			continue
		}
		info, err := lock.Stat()
		settled := err == nil && time.Since(info.ModTime()) > time.Minute // else its owner may be about to lock it
		if settled && syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(folder)
		}
		_ = lock.Close()
	}
}
