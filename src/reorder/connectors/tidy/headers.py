"""Which column names mean what: the first word is ours, the others are accepted for it."""

from collections.abc import Sequence

from reorder.connectors.base import Kind, normal_header

_PLACE = ("place", "place_code", "warehouse", "location", "store", "store_id", "倉庫", "倉別", "門市", "地點")
_SKU = ("sku", "product_id", "product_code", "item_id", "item_code", "item", "variant_sku", "stockcode", "stock_code",
        "商品編號", "商品代碼", "品號", "貨號", "料號")  # fmt: skip
_CATEGORY = ("category", "category_code", "product_category", "department", "分類", "類別", "商品分類")
_CURRENCY = ("currency", "currency_code", "order_currency", "幣別", "貨幣")
_NAME = ("product_name", "name", "title", "item_name", "description", "product", "品名", "商品名稱", "名稱")
_CUSTOMER = ("customer_id", "customer", "customerid", "customer_key", "customer_number", "household_id",
             "user_id", "member_id", "客戶編號", "顧客編號", "會員編號", "客戶", "會員", "顧客")  # fmt: skip
_EMAIL = ("email", "e_mail", "customer_email", "mail", "email_address", "電子郵件", "電子信箱", "信箱")
_STATUS = ("status", "state", "order_status", "狀態", "訂單狀態")

ORDER_WORDS: dict[str, tuple[str, ...]] = {
    "order_id": ("order_id", "order_number", "order_no", "order", "invoice", "invoiceno", "invoice_no", "basket_id",
                 "transaction_id", "訂單編號", "訂單號碼", "訂單"),
    "line_id": ("line_id", "order_line_id", "line_number", "line_no", "明細編號"),
    "ordered_at": ("ordered_at", "order_date", "date", "order_time", "created_at", "purchased_at", "invoicedate",
                   "invoice_date", "timestamp", "transaction_timestamp", "訂購時間", "訂購日期", "訂單日期", "下單時間",
                   "下單日期", "日期", "購買日期"),
    "customer_id": _CUSTOMER,
    "email": _EMAIL,
    "customer_name": ("customer_name", "full_name", "buyer", "客戶姓名", "顧客姓名", "姓名", "會員姓名"),
    "accepts_marketing": ("accepts_marketing", "marketing_consent", "newsletter", "接受行銷", "行銷同意", "訂閱電子報"),
    "sku": _SKU,
    "quantity": ("quantity", "qty", "units", "count", "數量", "件數"),
    "unit_price": ("unit_price", "price", "unitprice", "item_price", "單價", "售價", "價格"),
    "currency": _CURRENCY,
    "category": _CATEGORY,
    "product_name": _NAME,
    "status": _STATUS,
    "postcode": ("postcode", "postal_code", "zip", "zip_code", "shipping_zip", "shipping_postcode", "ship_postcode",
                 "郵遞區號"),
    "country": ("country", "country_code", "shipping_country", "國家"),
    "language": ("language", "locale", "語言"),
    "place": _PLACE,
}  # fmt: skip
PRODUCT_WORDS: dict[str, tuple[str, ...]] = {
    "sku": _SKU,
    "name": _NAME,
    "brand": ("brand", "vendor", "品牌"),
    "category": _CATEGORY,
    "barcode": ("barcode", "gtin", "ean", "upc", "條碼", "國際條碼"),
    "currency": _CURRENCY,
    "price": ("price", "unit_price", "list_price", "售價", "單價", "定價", "價格"),
    "cost": ("cost", "unit_cost", "purchase_price", "成本", "進價", "進貨價"),
    "weight_grams": ("weight_grams", "weight_g", "grams", "重量", "重量_克"),
    "length_mm": ("length_mm", "length", "長", "長度"),
    "width_mm": ("width_mm", "width", "寬", "寬度"),
    "height_mm": ("height_mm", "height", "高", "高度"),
    "temperature_class": ("temperature_class", "temperature", "溫層", "溫度"),
    "hazard_class": ("hazard_class", "hazard", "危險品"),
    "oversize": ("oversize", "is_oversize", "超材", "大型"),
    "upright": ("upright", "is_upright", "this_side_up", "直立", "不可倒置"),
    "fragile": ("fragile", "is_fragile", "易碎", "易碎品"),
    "goods_owner": ("owner", "goods_owner", "貨主"),
    "keep_apart": ("keep_apart", "不可混裝", "分開包裝"),
    "shelf_life_days": ("shelf_life_days", "shelf_life", "保存期限", "有效天數", "保存天數"),
    "planned_by": ("planned_by", "規劃方式"),
    "status": _STATUS,
    "supplier": ("supplier", "supplier_code", "供應商", "廠商"),
    "supplier_name": ("supplier_name", "供應商名稱", "廠商名稱"),
    "supplier_email": ("supplier_email", "供應商信箱", "廠商信箱"),
    "supplier_sku": ("supplier_sku", "廠商料號", "供應商料號"),
    "lead_days": ("lead_days", "lead_time_days", "lead_time", "交期", "交貨天數"),
    "pack": ("pack", "pack_units", "case_pack", "pack_size", "箱入數", "包裝數"),
    "minimum": ("minimum", "minimum_units", "moq", "最小訂購量", "最低訂購量"),
    "order_weekdays": ("order_weekdays", "order_days", "訂貨日"),
    "like_sku": ("like_sku", "like", "sells_like", "like_product", "類似商品", "參考商品", "同類商品"),
    "order_unit": ("order_unit", "purchase_unit", "buying_unit", "訂購單位", "進貨單位"),
    "units_per_case": ("units_per_case", "units_per_order_unit", "case_units", "每箱數量", "每訂購單位數量"),
    "case_cost": ("case_cost", "cost_per_case", "order_unit_cost", "每箱成本", "每箱進價"),
}  # fmt: skip
STOCK_WORDS: dict[str, tuple[str, ...]] = {
    "sku": _SKU,
    "place": _PLACE,
    "on_hand": ("on_hand", "stock", "quantity", "qty", "units", "on_hand_units", "inventory", "available", "庫存",
                "庫存量", "數量", "在庫量"),
    "lot": ("lot", "batch", "lot_number", "批號"),
    "expires": ("expires", "expiry", "expiry_date", "expires_date", "expiration_date", "best_before", "有效期限",
                "到期日"),
}  # fmt: skip
EVENT_WORDS: dict[str, tuple[str, ...]] = {
    "customer_id": _CUSTOMER,
    "email": _EMAIL,
    "kind": ("kind", "event", "event_type", "event_kind", "event_name", "action", "behavior", "behaviour", "type",
             "事件", "事件類型", "行為", "動作", "類型"),
    "happened_at": ("happened_at", "event_time", "event_at", "occurred_at", "event_date", "timestamp", "time", "date",
                    "created_at", "發生時間", "事件時間", "瀏覽時間", "時間", "日期"),
    "sku": _SKU,
    "search_text": ("search_text", "search", "query", "search_query", "search_term", "keyword", "搜尋字詞", "搜尋",
                    "關鍵字"),
    "message_id": ("message_id", "event_id", "messageid", "訊息編號", "事件編號"),
}  # fmt: skip
SIGNAL_WORDS: dict[str, tuple[str, ...]] = {
    "signal": ("signal", "kind", "signal_kind", "type", "訊號", "訊號類型", "種類", "類型"),
    "date": ("date", "day", "日期", "日"),
    "value": ("value", "number", "amount", "數值", "值"),
    "signal_name": ("signal_name", "name", "event_name", "measure", "competitor", "名稱", "活動名稱", "項目", "競爭者"),
    "sku": _SKU,
    "category": _CATEGORY,
    "place": _PLACE,
    "known_at": ("known_at", "known", "known_since", "得知時間", "得知", "已知時間"),
    "source": ("source", "來源"),
}
WORDS: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.ORDERS: ORDER_WORDS,
    Kind.PRODUCTS: PRODUCT_WORDS,
    Kind.STOCK: STOCK_WORDS,
    Kind.EVENTS: EVENT_WORDS,
    Kind.SIGNALS: SIGNAL_WORDS,
}
REQUIRED: dict[Kind, tuple[str, ...]] = {
    Kind.ORDERS: ("order_id", "ordered_at", "sku", "quantity"),
    Kind.PRODUCTS: ("sku",),
    Kind.STOCK: ("sku", "on_hand"),
    Kind.EVENTS: ("kind", "happened_at"),
    Kind.SIGNALS: ("signal", "date"),
}


def find_columns(*, header: Sequence[str], kind: Kind) -> dict[str, str]:
    """Our column name → the column of the file, by the first of our synonyms that the header has."""
    by_name: dict[str, str] = {}
    for column in header:
        by_name.setdefault(normal_header(name=column), column)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for ours, synonyms in WORDS[kind].items():
        free = [by_name[word] for word in synonyms if word in by_name and by_name[word] not in taken]
        if free:
            found[ours] = free[0]
            taken.add(free[0])
    return found
