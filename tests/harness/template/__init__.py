"""SAM and CloudFormation templates: read, translate, resolve; all offline."""
