using System.Text.Json.Nodes;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>Values of PEFT configurations.</summary>
internal static class PeftJson
{
    /// <summary>The number a value is; null for anything else.</summary>
    public static double? Number(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<double>(out var number) && double.IsFinite(number) ? number : null;

    /// <summary>True for the value true.</summary>
    public static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    /// <summary>A number as JSON has it, whole ones without a point.</summary>
    public static JsonNode Value(double number) => number == Math.Floor(number) && Math.Abs(number) < int.MaxValue ? (int)number : number;
}
