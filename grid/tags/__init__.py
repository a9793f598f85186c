"""人员类别: tags that a committee defines, with their own fields and rules; restricted ones open with a reason."""
