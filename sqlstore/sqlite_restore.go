package sqlstore

const restoringSuffix = ".restoring"
