"""Takes files of orders, products and stock into the rooms: staged, settled, applied in one transaction."""

from reorder.flows.file_import.importing import check_file, import_file, import_folder, import_order_lines
from reorder.flows.file_import.report import ImportReport, RefusedCell

__all__ = ["ImportReport", "RefusedCell", "check_file", "import_file", "import_folder", "import_order_lines"]
