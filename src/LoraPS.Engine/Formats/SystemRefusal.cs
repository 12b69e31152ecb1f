namespace LoraPS.Engine.Formats;

/// <summary>What the system says no with.</summary>
internal static class SystemRefusal
{
    /// <summary>True for what reading and writing of files raise when the system refuses.</summary>
    /// <remarks>A file that would be larger than the system or a limit of the user allows (EFBIG) is told as an argument that is out of range.</remarks>
    public static bool Is(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };
}
