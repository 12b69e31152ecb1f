namespace LoraPS.Engine.Data.Configuration;

/// <summary>Why a value cannot be used.</summary>
/// <param name="Message">One sentence or two.</param>
/// <param name="IsUnsupported">True when the reference can use it.</param>
internal sealed record ConfigRefusal(string Message, bool IsUnsupported = false)
{
    /// <summary>The value is of another kind.</summary>
    public static ConfigRefusal WrongType(string name, string expected, string found) => new($"{name} must be {expected}, and is {found}.");
}
