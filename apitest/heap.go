package apitest

import "runtime"

// Heap returns the size of the live heap in bytes.
func Heap() int64 {
	runtime.GC()
	runtime.GC() // frees what finalizers of the first run released
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
