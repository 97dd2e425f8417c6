// The door of the Go template engine.
export {};
