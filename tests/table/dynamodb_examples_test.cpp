// The examples of expressions in DynamoDB's developer guide (chapters "Specifying Item Attributes",
// "Condition Expressions", "Comparison Operator and Function Reference", "Update Expressions",
// "Projection Expressions" and "Key Condition Expressions") do what it says they do.
#include <gtest/gtest.h>

#include "plinth/expression.hpp"
#include "tuple/expect_error.hpp"

namespace plinth {
namespace {

// The guide's item 123 of the table ProductCatalog.
constexpr std::string_view kBicycle = R"({
  "Id": 123, "Title": "Bicycle 123", "Description": "123 description", "BicycleType": "Hybrid",
  "Brand": "Brand-Company C", "Price": 500, "Color": {"$strings": ["Black", "Red"]},
  "ProductCategory": "Bicycle", "InStock": true, "QuantityOnHand": null,
  "RelatedItems": [341, 472, 649],
  "Pictures": {"FrontView": "http://example.com/products/123_front.jpg",
               "RearView": "http://example.com/products/123_rear.jpg",
               "SideView": "http://example.com/products/123_left_side.jpg"},
  "ProductReviews": {"FiveStar": ["Excellent! Can't recommend it highly enough! Buy it!",
                                  "Do yourself a favor and buy this."],
                     "OneStar": ["Terrible product! Do not buy this.", "Bad", "Worse", "Worst"]},
  "Comment": "This product sells out quickly during the summer",
  "Safety.Warning": "Always wear a helmet", "VideoClip": {"$binary": "AAECAwQFBgcICQ=="}})";

// Placeholders as the guide gives them: values in DynamoDB's JSON.
Placeholders placeholders(std::string_view values, std::string_view names) {
  Placeholders given;
  given.values = parse_dynamodb_item(values);
  for (const auto& [placeholder, name] : parse_item(names))
    given.names.emplace(placeholder, name.as<std::string>());
  return given;
}

struct ConditionExample {
  std::string_view item;
  std::string_view text;
  std::string_view values;
  std::string_view names;
  bool holds;
};

TEST(DynamoDBExamples, OfConditions) {
  constexpr std::string_view kGood456 =
      R"({"Id":456,"ProductCategory":"Sporting Goods","Price":650})";
  const std::vector<ConditionExample> examples = {
      // Preventing overwrites of an existing item.
      {kGood456, "attribute_not_exists(Id)", "{}", "{}", false},
      {"{}", "attribute_not_exists(Id)", "{}", "{}", true},
      // Checking for attributes.
      {kGood456, "attribute_not_exists(Price)", "{}", "{}", false},
      {kGood456, "attribute_exists(ProductReviews.OneStar)", "{}", "{}", false},
      {kBicycle, "attribute_exists(ProductReviews.OneStar)", "{}", "{}", true},
      // Conditional deletes.
      {kGood456, "(ProductCategory IN (:cat1, :cat2)) and (Price between :lo and :hi)",
       R"({":cat1":{"S":"Sporting Goods"},":cat2":{"S":"Gardening Supplies"},
           ":lo":{"N":"500"},":hi":{"N":"600"}})",
       "{}", false},
      {kGood456, "(ProductCategory IN (:cat1, :cat2)) and (Price between :lo and :hi)",
       R"({":cat1":{"S":"Sporting Goods"},":cat2":{"S":"Gardening Supplies"},
           ":lo":{"N":"500"},":hi":{"N":"650"}})",
       "{}", true},
      // Conditional updates.
      {kGood456, "Price > :limit", R"({":limit":{"N":"500"}})", "{}", true},
      {R"({"Price":500})", "Price > :limit", R"({":limit":{"N":"500"}})", "{}", false},
      // Functions.
      {kBicycle, "attribute_exists (#Pictures.#SideView)", "{}",
       R"({"#Pictures":"Pictures","#SideView":"SideView"})", true},
      {kBicycle, "attribute_not_exists (Manufacturer)", "{}", "{}", true},
      {kBicycle, "attribute_type (ProductReviews.FiveStar, :v_sub)", R"({":v_sub":{"S":"L"}})",
       "{}", true},
      {kBicycle, "attribute_type (QuantityOnHand, :v_sub)", R"({":v_sub":{"S":"L"}})", "{}", false},
      {kBicycle, "begins_with (Pictures.FrontView, :v_sub)", R"({":v_sub":{"S":"http://"}})", "{}",
       true},
      {kBicycle, "contains (Brand, :v_sub)", R"({":v_sub":{"S":"Company"}})", "{}", true},
      {kBicycle, "contains (Color, :v_sub)", R"({":v_sub":{"S":"Red"}})", "{}", true},
      {kBicycle, "contains (Color, :v_sub)", R"({":v_sub":{"S":"Green"}})", "{}", false},
      {kBicycle, "size (Brand) <= :v_sub", R"({":v_sub":{"N":"20"}})", "{}", true},
      {kBicycle, "size(VideoClip) > :v_sub", R"({":v_sub":{"N":"64000"}})", "{}", false},
      {kBicycle, "size (Color) > :v_sub", R"({":v_sub":{"N":"1"}})", "{}", true},
      {kBicycle, "size(ProductReviews.OneStar) > :v_sub", R"({":v_sub":{"N":"3"}})", "{}", true},
      // Names with a dot in them, and placeholders for names.
      {kBicycle, "contains(#sw, :v)", R"({":v":{"S":"helmet"}})", R"({"#sw":"Safety.Warning"})",
       true},
      {kBicycle, "contains(Safety.Warning, :v)", R"({":v":{"S":"helmet"}})", "{}", false},
      {kBicycle, "#pr.#fs[0] = #pr.#fs[0]", "{}", R"({"#pr":"ProductReviews","#fs":"FiveStar"})",
       true},
  };
  for (const ConditionExample& example : examples)
    EXPECT_EQ(Condition::parse(example.text, placeholders(example.values, example.names))
                  .matches(parse_item(example.item)),
              example.holds)
        << example.text;
}

// "a OR b AND c" with a and b true and c false.
TEST(DynamoDBExamples, OfPrecedence) {
  const Item item{{"x", 1}};
  EXPECT_TRUE(Condition::parse("x = 1 OR x = 1 AND x = 2").matches(item));
  EXPECT_FALSE(Condition::parse("(x = 1 OR x = 1) AND x = 2").matches(item));
  EXPECT_TRUE(Condition::parse("NOT x = 2 AND x = 1").matches(item));
  EXPECT_FALSE(Condition::parse("NOT (x = 2 OR x = 1)").matches(item));
}

TEST(DynamoDBExamples, OfPaths) {
  const Item item = parse_item(kBicycle);
  const auto found = [&](std::string_view path) {
    return to_json(Projection::parse(path).apply(item));
  };
  EXPECT_EQ(found("RelatedItems"), R"({"RelatedItems":[341,472,649]})");
  EXPECT_EQ(found("RelatedItems[2]"), R"({"RelatedItems":[649]})");
  EXPECT_EQ(found("Pictures.FrontView"),
            R"({"Pictures":{"FrontView":"http://example.com/products/123_front.jpg"}})");
  EXPECT_EQ(found("ProductReviews.FiveStar[1], Price"),
            R"({"Price":500,"ProductReviews":{"FiveStar":["Do yourself a favor and buy this."]}})");
  EXPECT_EQ(found("Description, ProductDescription, RelatedItems[0], ProductReviews.TwoStar"),
            R"({"Description":"123 description","RelatedItems":[341]})");
  EXPECT_EQ(found("RelatedItems[2], RelatedItems[0], RelatedItems[7]"),
            R"({"RelatedItems":[341,649]})");
  for (const std::string_view wrong : {"MyList[-1]", "MyList[0.4]"})
    test::expect_error(ErrorCode::invalid_expression, {"Column 8", "position"},
                       [&] { Projection::parse(wrong); });
}

struct UpdateExample {
  std::string_view text;
  std::string_view values;
  std::string_view names;
  std::string_view after;
};

// One after the other on the guide's item 789.
TEST(DynamoDBExamples, OfUpdates) {
  Item item =
      parse_dynamodb_item(R"({"Id": {"N": "789"}, "ProductCategory": {"S": "Home Improvement"},
      "Price": {"N": "52"}, "InStock": {"BOOL": true}, "Brand": {"S": "Acme"}})");
  const std::vector<UpdateExample> examples = {
      {"SET ProductCategory = :c, Price = :p", R"({":c":{"S":"Hardware"},":p":{"N":"60"}})", "{}",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":60,"ProductCategory":"Hardware"})"},
      {"SET RelatedItems = :ri, ProductReviews = :pr",
       R"({":ri":{"L":[{"S":"Hammer"}]},
           ":pr":{"M":{"FiveStar":{"L":[{"S":"Best product ever!"}]}}}})",
       "{}",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":60,"ProductCategory":"Hardware",)"
       R"("ProductReviews":{"FiveStar":["Best product ever!"]},"RelatedItems":["Hammer"]})"},
      {"REMOVE ProductCategory", "{}", "{}",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":60,)"
       R"("ProductReviews":{"FiveStar":["Best product ever!"]},"RelatedItems":["Hammer"]})"},
      {"SET RelatedItems[1] = :ri", R"({":ri":{"S":"Nails"}})", "{}",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":60,)"
       R"("ProductReviews":{"FiveStar":["Best product ever!"]},"RelatedItems":["Hammer","Nails"]})"},
      {"SET #pr.#5star[1] = :r5, #pr.#3star = :r3",
       R"({":r5":{"S":"Very happy with my purchase"},
           ":r3":{"L":[{"S":"Just OK - not that great"}]}})",
       R"({"#pr":"ProductReviews","#5star":"FiveStar","#3star":"ThreeStar"})",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":60,"ProductReviews":{"FiveStar":)"
       R"(["Best product ever!","Very happy with my purchase"],"ThreeStar":)"
       R"(["Just OK - not that great"]},"RelatedItems":["Hammer","Nails"]})"},
      {"REMOVE ProductReviews", "{}", "{}",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":60,"RelatedItems":["Hammer","Nails"]})"},
      {"SET Price = Price - :p", R"({":p":{"N":"15"}})", "{}",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":45,"RelatedItems":["Hammer","Nails"]})"},
      {"SET #ri = list_append(#ri, :vals)",
       R"({":vals":{"L":[{"S":"Screwdriver"},{"S":"Hacksaw"}]}})", R"({"#ri":"RelatedItems"})",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":45,)"
       R"("RelatedItems":["Hammer","Nails","Screwdriver","Hacksaw"]})"},
      {"SET #ri = list_append(:vals, #ri)", R"({":vals":{"L":[{"S":"Chisel"}]}})",
       R"({"#ri":"RelatedItems"})",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":45,)"
       R"("RelatedItems":["Chisel","Hammer","Nails","Screwdriver","Hacksaw"]})"},
      {"SET Price = if_not_exists(Price, :p)", R"({":p":{"N":"100"}})", "{}",
       R"({"Brand":"Acme","Id":789,"InStock":true,"Price":45,)"
       R"("RelatedItems":["Chisel","Hammer","Nails","Screwdriver","Hacksaw"]})"},
      {"REMOVE Brand, InStock, QuantityOnHand", "{}", "{}",
       R"({"Id":789,"Price":45,)"
       R"("RelatedItems":["Chisel","Hammer","Nails","Screwdriver","Hacksaw"]})"},
      {"REMOVE RelatedItems[1], RelatedItems[2]", "{}", "{}",
       R"({"Id":789,"Price":45,"RelatedItems":["Chisel","Screwdriver","Hacksaw"]})"},
      {"ADD QuantityOnHand :q", R"({":q":{"N":"5"}})", "{}",
       R"({"Id":789,"Price":45,"QuantityOnHand":5,"RelatedItems":["Chisel","Screwdriver","Hacksaw"]})"},
      {"ADD QuantityOnHand :q", R"({":q":{"N":"5"}})", "{}",
       R"({"Id":789,"Price":45,"QuantityOnHand":10,"RelatedItems":["Chisel","Screwdriver","Hacksaw"]})"},
      {"ADD Color :c REMOVE RelatedItems", R"({":c":{"SS":["Orange","Purple"]}})", "{}",
       R"({"Color":{"$strings":["Orange","Purple"]},"Id":789,"Price":45,"QuantityOnHand":10})"},
      {"ADD Color :c", R"({":c":{"SS":["Yellow","Green","Blue"]}})", "{}",
       R"({"Color":{"$strings":["Blue","Green","Orange","Purple","Yellow"]},)"
       R"("Id":789,"Price":45,"QuantityOnHand":10})"},
      {"DELETE Color :p", R"({":p":{"SS":["Yellow","Purple"]}})", "{}",
       R"({"Color":{"$strings":["Blue","Green","Orange"]},"Id":789,"Price":45,"QuantityOnHand":10})"},
      {"SET Price = Price - :p REMOVE QuantityOnHand", R"({":p":{"N":"15"}})", "{}",
       R"({"Color":{"$strings":["Blue","Green","Orange"]},"Id":789,"Price":30})"},
  };
  for (const UpdateExample& example : examples) {
    item = Update::parse(example.text, placeholders(example.values, example.names)).apply(item);
    EXPECT_EQ(to_json(item), example.after) << example.text;
  }
}

TEST(DynamoDBExamples, OfKeyConditions) {
  const Placeholders given{.values = {{":name", "Amazon DynamoDB"},
                                      {":sub", "DynamoDB Thread 1"},
                                      {":t1", 10},
                                      {":t2", 20}},
                           .names = {{"#s", "Subject"}}};
  const auto parsed = [&](std::string_view text) {
    return KeyCondition::parse(text, "ForumName", "Subject", given);
  };
  const Value forum = "Amazon DynamoDB";
  EXPECT_EQ(parsed("ForumName = :name"), (KeyCondition{forum, {}}));
  EXPECT_EQ(parsed("ForumName = :name and Subject = :sub"),
            (KeyCondition{forum, SortKeyCondition::equal("DynamoDB Thread 1")}));
  EXPECT_EQ(parsed("ForumName = :name AND begins_with(#s, :sub)"),
            (KeyCondition{forum, SortKeyCondition::begins_with("DynamoDB Thread 1")}));
  EXPECT_EQ(parsed("(Subject BETWEEN :t1 AND :t2) AND (ForumName = :name)"),
            (KeyCondition{forum, SortKeyCondition::between(10, 20)}));
  EXPECT_EQ(parsed("ForumName = :name AND Subject < :t1").sort, SortKeyCondition::less(10));
  EXPECT_EQ(parsed("ForumName = :name AND Subject <= :t1").sort, SortKeyCondition::less_equal(10));
  EXPECT_EQ(parsed("ForumName = :name AND Subject > :t1").sort, SortKeyCondition::greater(10));
  EXPECT_EQ(parsed("ForumName = :name AND Subject >= :t1").sort,
            SortKeyCondition::greater_equal(10));
}

}  // namespace
}  // namespace plinth
