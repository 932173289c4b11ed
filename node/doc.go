// Package node is one running server, put together once: the commands serve with it,
// and tests test it.
//
// It owns which parts a server has, how they are connected, which path goes to which
// front, and the order in which the parts start and end. It must not hold a rule, an
// answer to a request, SQL, or what belongs to a process: flags, listeners, signals,
// files and the terminal.
package node
