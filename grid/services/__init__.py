"""服务 and duties: patrols, inspections, service records, activities, teams, weekly plans and awards."""
