using System.Management.Automation;
using System.Runtime.InteropServices;
using LoraPS.Engine.Data;
using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Formats.Torch;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Loading;
using LoraPS.Engine.Reports;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.Engine.Training.Configuration;
using LoraPS.Engine.Training.History;

namespace LoraPS.Cmdlets.Common;

/// <summary>The one table from what the engine throws to PowerShell's error records.</summary>
public static class EngineErrors
{
    private const string OutOfMemoryAdvice =
        "There is not enough memory. Use a smaller batch size or resolution, gradient checkpointing or half precision, or end other programs.";

    /// <summary>Makes the error record of an exception.</summary>
    /// <param name="exception">What the engine threw.</param>
    /// <param name="target">What the command was working on; the exception's own target goes before it.</param>
    public static ErrorRecord ToErrorRecord(Exception exception, object? target)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception switch
        {
            DestinationExistsException e => new ErrorRecord(e, e.ErrorId, CategoryOf(e), e.Target ?? target)
            {
                ErrorDetails = new ErrorDetails($"{e.Target} exists already. Choose another destination, or use -Force to replace it."),
            },
            EngineException e => new ErrorRecord(e, e.ErrorId, CategoryOf(e), e.Target ?? target),
            ArgumentException e => new ErrorRecord(e, "InvalidArgument", ErrorCategory.InvalidArgument, (e as ArgumentOutOfRangeException)?.ActualValue ?? target),
            _ when IsOutOfMemory(exception) => new ErrorRecord(exception, "DeviceOutOfMemory", ErrorCategory.ResourceUnavailable, target)
            {
                ErrorDetails = new ErrorDetails($"{OutOfMemoryAdvice} {exception.Message}"),
            },
            _ => new ErrorRecord(exception, "EngineFailure", ErrorCategory.InvalidOperation, target),
        };
    }

    private static ErrorCategory CategoryOf(EngineException exception) => exception switch
    {
        MissingFileException or ConfigFileNotFoundException or ModelNotFoundException or TokenizerNotFoundException or ImageFolderNotFoundException
            or EmptyDatasetException or LoraTargetsNoneException => ErrorCategory.ObjectNotFound,
        SafetensorsFormatException or TorchFileException or UnrecognisedLoraException or LoraKeysException or StateDictException or ModelConfigException
            or TokenizerFormatException or CaptionUnreadableException or ImageUnreadableException or TrainingStateException or TrainingPromptException
            or RunHistoryException or ReportSourceException or OutsideLinkException => ErrorCategory.InvalidData,
        DestinationFormatException or LoraMergeException or LoraNotFiniteException or LoraModelMismatchException or ResumeMismatchException => ErrorCategory.InvalidArgument,
        UnsupportedModelException or DatasetConfigException { ErrorId: "DatasetOptionUnsupported" }
            or TrainingConfigException { ErrorId: "TrainingOptionUnsupported" } or PeftConfigException { ErrorId: "PeftConfigUnsupported" } => ErrorCategory.NotImplemented,
        DatasetConfigException or TrainingConfigException or PeftConfigException => ErrorCategory.InvalidData,
        NonFiniteLossException or TrainedLoraNotFiniteException => ErrorCategory.InvalidResult,
        UnreadableFileException => ErrorCategory.ReadError,
        WriteFailedException => ErrorCategory.WriteError,
        DestinationExistsException => ErrorCategory.ResourceExists,
        DestinationInUseException => ErrorCategory.ResourceBusy,
        TokenizerDownloadException => ErrorCategory.ConnectionError,
        TorchUnavailableException => ErrorCategory.NotInstalled,
        RuntimeInstallException e => CategoryOf(e),
        DeviceUnavailableException => ErrorCategory.ResourceUnavailable,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory CategoryOf(RuntimeInstallException exception) => exception.ErrorId switch
    {
        "RuntimePackageMissing" => ErrorCategory.ObjectNotFound,
        "RuntimeFeedUnavailable" => ErrorCategory.ConnectionError,
        "RuntimePackageUnverified" or "RuntimeFeedInsecure" => ErrorCategory.SecurityError,
        "RuntimePlatformUnsupported" => ErrorCategory.NotImplemented,
        _ => ErrorCategory.InvalidData,
    };

    /// <summary>libtorch's allocator has no exception of its own: it is known by its message.</summary>
    private static bool IsOutOfMemory(Exception exception) => exception is OutOfMemoryException
        || (exception is ExternalException && (exception.Message.Contains("allocate memory", StringComparison.OrdinalIgnoreCase)
            || exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)));
}
