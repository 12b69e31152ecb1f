using System.Management.Automation;
using System.Reflection;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace LoraPS.Shell.Standins;

/// <summary>The three doors into PowerShell's engine that its own standard cmdlets use and others cannot.</summary>
/// <remarks>
/// The engine holds all of the formatting, and public base classes for the formatting cmdlets, but the part that a derived
/// cmdlet must supply is internal to it; so is the exception by which Select-Object -First ends a pipeline. Reflection is
/// safe here: this program fixes the engine's version, and tests pass through each door.
/// </remarks>
internal static class EngineInternals
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const string Formatting = "Microsoft.PowerShell.Commands.Internal.Format.";

    private static readonly FieldInfo Implementation = typeof(FrontEndCommandBase).GetField("implementation", Members)!;

    /// <summary>Makes a cmdlet write format instructions of a shape: "Table" or "List".</summary>
    public static void UseShape(FrontEndCommandBase cmdlet, string shape) =>
        Implementation.SetValue(cmdlet, Make(Formatting + "InnerFormatShapeCommand", Enum.Parse(Named(Formatting + "FormatShape"), shape)));

    /// <summary>Makes a cmdlet render what it is given as text.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="writer">Where the text goes.</param>
    /// <param name="width">Characters a line.</param>
    public static void UseWriter(FrontEndCommandBase cmdlet, TextWriter writer, int width)
    {
        var output = Make(Formatting + "OutputManagerInner");
        output.GetType().GetProperty("LineOutput", Members)!.SetValue(output, Make(Formatting + "TextWriterLineOutput", writer, width));
        Implementation.SetValue(cmdlet, output);
    }

    /// <summary>The exception that a cmdlet throws to end the commands before it, without an error.</summary>
    /// <param name="cmdlet">The cmdlet that has seen enough.</param>
    public static Exception StopUpstream(Cmdlet cmdlet) =>
        (Exception)Make("System.Management.Automation.StopUpstreamCommandsException", cmdlet);

    private static object Make(string type, params object[] arguments) =>
        Activator.CreateInstance(Named(type), Members, binder: null, arguments, culture: null)!;

    private static Type Named(string type) => typeof(PSObject).Assembly.GetType(type, throwOnError: true)!;
}
