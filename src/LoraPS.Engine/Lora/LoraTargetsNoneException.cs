using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Lora;

/// <summary>A network would adapt no layer at all.</summary>
/// <param name="reason">Why, and what to do.</param>
public sealed class LoraTargetsNoneException(string reason) : EngineException("LoraTargetsNone", reason);
