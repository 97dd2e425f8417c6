// The door of the REST clients of Git hosts.
export {};
