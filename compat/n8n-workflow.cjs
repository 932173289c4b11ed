// What n8n's Mattermost node uses of the package n8n-workflow, which alone is larger
// than all the other clients together.
'use strict';

exports.NodeConnectionTypes = { Main: 'main' };

exports.NodeOperationError = class NodeOperationError extends Error {
  constructor(node, message) {
    super(String(message?.message ?? message));
    this.node = node;
    this.context = {};
  }
};

exports.VersionedNodeType = class VersionedNodeType {
  constructor(nodeVersions, description) {
    this.nodeVersions = nodeVersions;
    this.description = description;
  }
};
